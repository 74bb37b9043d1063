import type { Clock } from "../clock.ts";
import { DiscoveryError } from "../error.ts";
import type { Audit } from "./audit.ts";
import type { Catalog } from "./catalog.ts";
import { quoted } from "./invalid-argument.ts";
import type { Leases } from "./leases.ts";
import type { Namespace } from "./namespace.ts";
import type { RecordWriter } from "./record-writer.ts";
import type { Replica } from "./replica.ts";

/** What the registry's commands work with. */
export interface RegistryContext {
  readonly clock: Clock;
  readonly replica: Replica;
  readonly catalog: Catalog;
  readonly writer: RecordWriter;
  readonly audit: Audit | undefined;
  readonly leases: Leases | undefined;
}

/** Throws `unavailable` unless the registry was read from the backend: before that nobody knows what there is. */
export function checkLive({ replica }: RegistryContext): void {
  if (replica.live) return;
  throw new DiscoveryError("unavailable", "the registry has not been read from the backend yet");
}

/** The namespace of that name. Throws `not_found`. */
export function existingNamespace({ catalog }: RegistryContext, name: string): Namespace {
  const namespace = catalog.namespace(name);
  if (namespace !== undefined) return namespace;
  throw new DiscoveryError("not_found", `namespace ${quoted(name)}: there is no such namespace`);
}
