import type { Revision } from "@org/discovery-core";

/** How far a watcher has read. */
export interface Cursor {
  /** Empty before the first answer. */
  readonly epochId: string;
  readonly revision: Revision;
  /** The identity of the write with that revision: after a failover another write may have the same number. */
  readonly mark: string;
}

export const START: Cursor = { epochId: "", revision: 0, mark: "" };
