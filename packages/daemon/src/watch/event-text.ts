import type { SeenChange } from "./watch-filter.ts";
import { WATCHED_KINDS, type WatchedItem, type WatchedKind } from "./watched-item.ts";

/** Characters after which a piece of a snapshot is handed on. */
const PIECE = 64 * 1024;

/** What a stream begins with: how long a client waits before it connects again, in milliseconds. */
export const BEGINNING = "retry: 1000\n\n";
export const KEEP_ALIVE = ": keep-alive\n\n";

/** A change as a server-sent event (WHATWG HTML, 9.2). JSON has no line breaks, so it is one line of data. */
export function changeEvent(id: string, { op, item }: SeenChange): string {
  const shown = op === "put" ? item.message() : item.identity;
  const data = JSON.stringify({ kind: item.kind, op, item: shown });
  return `event: change\nid: ${id}\ndata: ${data}\n\n`;
}

/** A snapshot as a server-sent event, in pieces, so that a slow client holds no whole one in memory. One line of data in all. */
export function* snapshotEvent(
  id: string,
  kinds: ReadonlySet<WatchedKind>,
  items: readonly WatchedItem[],
): Generator<string> {
  const groups = Map.groupBy(items, ({ kind }) => kind);
  let piece = `event: snapshot\nid: ${id}\ndata: {`;
  let separator = "";
  for (const kind of WATCHED_KINDS.filter((each) => kinds.has(each))) {
    piece += `${separator}"${kind}":[`;
    separator = ",";
    for (const [index, item] of (groups.get(kind) ?? []).entries()) {
      piece += (index === 0 ? "" : ",") + JSON.stringify(item.message());
      if (piece.length < PIECE) continue;
      yield piece;
      piece = "";
    }
    piece += "]";
  }
  yield `${piece}}\n\n`;
}
