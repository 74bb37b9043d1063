import type { Revision, StorePosition } from "@org/discovery-core";

/** How far a watcher has read. */
export interface Cursor {
  /** Empty before the first answer. */
  readonly epochId: string;
  readonly revision: Revision;
  /** The identity of the write with that revision: after a failover another write may have the same number. */
  readonly mark: string;
  /** When the epoch began, in the server's milliseconds: of two epochs the older one can only be old data. 0: not known. */
  readonly began: number;
}

export const START: Cursor = { epochId: "", revision: 0, mark: "", began: 0 };

/** Where a watcher begins that has seen so much before it was started. Nothing has that mark, so it gets a snapshot. */
export function cursorAt({ epochId, revision }: StorePosition): Cursor {
  return revision === 0 ? START : { ...START, epochId, revision };
}
