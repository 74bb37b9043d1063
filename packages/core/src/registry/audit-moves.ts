import { compareBytes } from "../byte-order.ts";
import type { MadeChange } from "./audit-change.ts";
import type { Audit } from "./audit.ts";
import type { Move } from "./plan.ts";

/** Ways that are told one by one; with ten servers there may be ninety. */
const MAX_WAYS = 20;

/** Records that a change of a server moved services: how many, and from where to where. Nothing where none moved. */
export function auditMoves(audit: Audit, moves: readonly Move[], { before, after, change }: MadeChange): void {
  const name = (after ?? before)?.name;
  if (moves.length === 0 || name === undefined) return;
  const { actor, reason, origin } = change;
  audit.record({
    action: "assignment moved",
    kind: "server",
    name,
    detail: describeMoves(moves),
    actor,
    ...(reason === undefined ? {} : { reason }),
    ...(origin === undefined ? {} : { origin }),
  });
}

/** For example `3 services moved: 2 from a to b, 1 from a to nobody`; the ways that most went first. */
function describeMoves(moves: readonly Move[]): string {
  const counts = new Map<string, number>();
  for (const { from, to } of moves) {
    const left = from.filter((name) => !to.includes(name));
    const joined = to.filter((name) => !from.includes(name));
    const way = `from ${names(left, from)} to ${names(joined, to)}`;
    counts.set(way, (counts.get(way) ?? 0) + 1);
  }
  const ways = [...counts].toSorted(([a, left], [b, right]) => right - left || compareBytes(a, b));
  const told = ways.slice(0, MAX_WAYS).map(([way, count]) => `${count} ${way}`);
  const rest = ways.length > MAX_WAYS ? [`and ${ways.length - MAX_WAYS} ways more`] : [];
  return `${moves.length} services moved: ${[...told, ...rest].join(", ")}`;
}

/** The servers that only one side has; where a side has none of its own, as when a replica is added, all of that side. */
function names(own: readonly string[], all: readonly string[]): string {
  const shown = own.length > 0 ? own : all;
  return shown.length === 0 ? "nobody" : shown.join("+");
}
