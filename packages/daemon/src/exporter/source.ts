import type { Cancel, ExportConfig, ServerState, Service } from "@org/discovery-core";

/** The registry as far as one server is concerned. */
export interface ServerView {
  /** `undefined`: there is no such server. */
  readonly state: ServerState | undefined;
  /** Those that are served and assigned to the server, in a stable order; the same objects as long as nothing of them changes. */
  readonly services: readonly Service[];
  /** How a namespace is exported. */
  exportOf(namespace: string): ExportConfig;
}

/** Where the exporter learns what is registered. */
export interface Source {
  /** Begins to follow the registry, for ever. Resolves at once, whether or not it can be reached. */
  start(): Promise<void>;
  /** Leaves no timer, socket or listener behind. */
  stop(): Promise<void>;
  /** What was last known for certain; `undefined` before anything was. */
  view(): ServerView | undefined;
  /** Why that may not be how things are now; `undefined` while it is certain. */
  doubt(): string | undefined;
  /** Calls `listener` after each change of `view` or `doubt`. */
  onChange(listener: () => void): Cancel;
}
