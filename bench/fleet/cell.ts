/** One fleet to be measured: on which backend, of how many daemons, in which format. */
export interface Cell {
  readonly backend: "redis" | "nats";
  readonly daemons: number;
  /** `lobby`: as original daemons announce themselves; `compact`: as ours do among themselves. */
  readonly format: "lobby" | "compact";
}

/** Milliseconds between two announcements: the default of both daemons. */
export const KEEP_ALIVE_MS = 5000;

/** How many daemons of a fleet listen. What they are sent grows with their number, and says what all would be sent. */
export const LISTENERS = 10;

/** What a host announces: a mail server of ordinary size. */
export function announcementOf(index: number): { hostname: string; labels: string[] } {
  return {
    hostname: `mx${String(index).padStart(4, "0")}.mail.example.com`,
    labels: [
      "environment:production",
      "prometheus:node:port:9100",
      "prometheus:postfix:port:9154",
      `public_ip4:192.0.2.${index % 256}`,
      `rack:${index % 40}`,
      "service:smtp",
    ],
  };
}
