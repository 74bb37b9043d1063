/**
 * How a host stands. `alive`: heard within its TTL. `held`: silent for longer, but kept because too many fell silent at once.
 * `lingering`: gone, and exported to Prometheus for a while longer so that `up == 0` can alert.
 */
export type HostStatus = "alive" | "held" | "lingering";

/** A host that is, or was lately, believed alive. */
export interface Host {
  readonly hostname: string;
  /** Sorted, without duplicates. */
  readonly labels: readonly string[];
  /** When it was last heard, in Unix seconds. Moves without the host counting as changed. */
  readonly lastSeen: number;
  readonly status: HostStatus;
}

/** What happened to a host, and why. */
export interface HostChange {
  readonly hostname: string;
  readonly reason: "joined" | "changed" | "left" | "expired";
}
