/**
 * Why reads have no certain answer. `unavailable`: not yet, ask again after that many seconds. `unimplemented`: never, because
 * this daemon does not listen (`LISTEN=false`), or its backend keeps nothing.
 */
export type NotReady =
  | { readonly code: "unavailable"; readonly reason: string; readonly retryAfterSeconds: number }
  | { readonly code: "unimplemented"; readonly reason: string };
