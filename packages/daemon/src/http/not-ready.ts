/**
 * Why reads have no certain answer. `unavailable`: not yet, ask again after that many seconds. `unimplemented`: never, because
 * this daemon does not listen (`LISTEN=false`), or its backend keeps nothing.
 */
export type NotReady =
  | {
      readonly code: "unavailable";
      readonly reason: string;
      readonly retryAfterSeconds: number;
      /** It comes to an end by itself in a moment, so that the daemon as a whole counts as ready. */
      readonly passing?: boolean;
    }
  | { readonly code: "unimplemented"; readonly reason: string };
