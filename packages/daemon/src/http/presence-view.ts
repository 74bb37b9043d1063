import type { Cancel, HostStatus } from "@org/discovery-core";
import type { NotReady } from "./not-ready.ts";

/** A host as the HTTP API shows it. */
export interface KnownHost {
  readonly hostname: string;
  readonly labels: readonly string[];
  /** When it was last heard, in Unix seconds. */
  readonly lastSeen: number;
  /** Silent hosts may still be listed: held by the mass-loss guard, or exported while they linger. */
  readonly status?: HostStatus;
}

/** What the HTTP API needs to know of presence. */
export interface PresenceView {
  /** `undefined` when every host is known. */
  notReady(): NotReady | undefined;
  /** Seconds since the bus was last known good, from the start of the daemon if it never was; `undefined` while the link is up. */
  staleSeconds(): number | undefined;
  /** Sorted by hostname; the same array object until a host joins, changes or leaves. */
  hosts(): readonly KnownHost[];
  /** Those and the ones that linger, for Prometheus; the same array object until one of them changes. */
  exported(): readonly KnownHost[];
  /** Calls `listener` when a host joins, changes or leaves. */
  onChange(listener: () => void): Cancel;
  /** How many hosts the mass-loss guard holds. */
  held(): number;
  /** Lets the hosts go that the guard holds; how many there were. */
  acceptLoss(): number;
  /** This host as it is announced. */
  self(): Promise<{ readonly hostname: string; readonly labels: readonly string[] }>;
  /** Announces now, after the labels changed. Resolves even when nothing can be announced. */
  announce(): Promise<void>;
}
