/** A host that is believed alive. */
export interface Host {
  readonly hostname: string;
  /** Sorted, without duplicates. */
  readonly labels: readonly string[];
  /** When it was last heard, in Unix seconds. Moves without the host counting as changed. */
  readonly lastSeen: number;
}

/** What happened to a host, and why. */
export interface HostChange {
  readonly hostname: string;
  readonly reason: "joined" | "changed" | "left" | "expired";
}
