import type { Audit, Catalog, Leases, Problem, Registry } from "@org/discovery-core";
import type { NotReady } from "./not-ready.ts";

/** What the HTTP API needs to know of the registry. */
export interface RegistryView {
  readonly catalog: Catalog;
  readonly registry: Registry;
  readonly leases: Leases;
  /** `undefined` where no history is kept (`--audit-limit 0`). */
  readonly audit: Audit | undefined;
  /** `undefined` when the registry is known: read from the backend, or as it was saved. */
  notReady(): NotReady | undefined;
  /** Seconds since the registry was last known to be true; `undefined` while the backend is in reach, or nothing is known. */
  staleSeconds(): number | undefined;
  /** Why a backend that lost its data could not be refilled yet; `undefined` where it need not be. */
  refillFailure(): Error | undefined;
  /** Values in the store that cannot be read, and are left alone. */
  problems(): readonly Problem[];
}
