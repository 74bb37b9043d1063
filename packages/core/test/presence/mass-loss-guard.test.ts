import { expect, it } from "vitest";
import { VirtualClock } from "../../src/index.ts";
import { type ListMember, MassLossGuard } from "../../src/presence/mass-loss-guard.ts";

const TTL_MS = 30_000;

function members(...names: readonly string[]): ListMember[] {
  return names.map((name) => ({ name, lists: [""], ttlMs: TTL_MS }));
}

it("counts a member once that was let go and stands among the held ones all the same, as an expired service does", () => {
  const guard = new MassLossGuard({ clock: new VirtualClock(), share: 0.3, holdMs: 1 });
  const rest = ["c", "d", "e", "f", "g", "h"];
  const first = { vanishing: members("a"), doubtful: [], held: [], present: members("b", ...rest) };
  expect(guard.hold(first)).toEqual(new Set());
  const second = { vanishing: members("b"), doubtful: [], held: members("a"), present: members(...rest) };
  expect(guard.hold(second)).toEqual(new Set());
  const third = { vanishing: members("c"), doubtful: [], held: members("a", "b"), present: members(...rest.slice(1)) };
  expect(guard.hold(third)).toEqual(new Set(["c"]));
});
