/** Who asks for a change, for the audit. */
export interface Change {
  /** The user or token, or `discoveryd` where a rule of the daemon itself is at work. */
  readonly actor: string;
  readonly reason?: string;
  /** Where it came from, for example an address. */
  readonly origin?: string;
}
