/**
 * `active` and `joining` servers get services; a `leaving` one is drained: it gets none and is still listed. Exporters write
 * for an active server only.
 */
export type ServerState = "leaving" | "joining" | "active";

/** The position is the integer that stands for it in gRPC and in the original's JSON. */
const SERVER_STATES: readonly ServerState[] = ["leaving", "joining", "active"];

/** The integer that stands for it outside: 0 leaving, 1 joining, 2 active. */
export function serverStateNumber(state: ServerState): number {
  return SERVER_STATES.indexOf(state);
}
