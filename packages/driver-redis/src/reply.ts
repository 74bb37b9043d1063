import type { Epoch, Revision, StoreChange, StoreEntry } from "@org/discovery-core";
import * as v from "valibot";
import type { Cursor } from "./cursor.ts";

const revision = v.pipe(v.string(), v.digits(), v.transform(Number), v.safeInteger());
const readReply = v.tuple([
  v.picklist(["changes", "snapshot"]),
  v.string(),
  v.picklist(["fresh", "rewound", "wiped", "restored"]),
  revision,
  revision,
  revision,
  v.string(),
  v.array(v.unknown()),
]);
const changeEntry = v.pipe(
  v.tuple([v.pipe(v.string(), v.regex(/^\d+-0$/)), v.array(v.string())]),
  v.transform(([id, [, , , key = "", , value]]): StoreChange => ({ revision: Number.parseInt(id, 10), key, value })),
);

/** What `read.lua` found. */
export interface ReadResult {
  readonly epoch: Epoch;
  /** Where the watcher stands once it has been told. */
  readonly cursor: Cursor;
  /** Either the whole store or what changed since the watcher's cursor. */
  readonly snapshot?: ReadonlyMap<string, StoreEntry>;
  readonly changes: readonly StoreChange[];
}

/** Throws where the answer is none of ours: somebody else writes to our keys, or a newer version of this driver. */
export function parseRead(reply: unknown): ReadResult {
  const [kind, id, origin, base, began, at, mark, list] = v.parse(readReply, reply);
  return {
    epoch: { id, origin, base },
    cursor: { epochId: id, revision: at, mark, began },
    ...(kind === "snapshot" ? { snapshot: entriesOf(list) } : {}),
    changes: kind === "changes" ? v.parse(v.array(changeEntry), list) : [],
  };
}

/** `HGETALL`: key, "<revision> <value>", key, … */
function entriesOf(list: readonly unknown[]): Map<string, StoreEntry> {
  const entries = new Map<string, StoreEntry>();
  for (let index = 0; index + 1 < list.length; index += 2) {
    const text = String(list[index + 1]);
    const end = text.indexOf(" ");
    entries.set(String(list[index]), { revision: Number(text.slice(0, end)), value: text.slice(end + 1) });
  }
  return entries;
}

const writeReply = v.tupleWithRest([v.picklist(["written", "conflict", "missing"])], revision);

/** What a writing script did. */
export type WriteResult =
  | { readonly kind: "written" | "conflict"; readonly revision: Revision }
  | { readonly kind: "missing" };

export function parseWrite(reply: unknown): WriteResult {
  const [kind, at = 0] = v.parse(writeReply, reply);
  return kind === "missing" ? { kind } : { kind, revision: at };
}
