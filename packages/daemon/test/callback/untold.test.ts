import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { Untold } from "../../src/callback/untold.ts";
import { KnownHosts } from "./known-hosts.ts";

let known: KnownHosts;
let untold: Untold;

beforeEach(() => {
  known = new KnownHosts();
  untold = new Untold(known.list);
  known.onChange((change) => untold.note(change));
});

function tell(): void {
  untold.told(untold.latest());
}

function changes(): string {
  return untold
    .latest()
    .changes.map(({ hostname, reason }) => `${hostname} ${reason}`)
    .join(", ");
}

describe("Untold", () => {
  it("has every host as joined at first", () => {
    known.set("b");
    known.set("a", "x");
    known.set("b", "y");
    expect(changes()).toBe("a joined, b joined");
    expect(untold.latest().hosts.map(({ hostname }) => hostname)).toEqual(["a", "b"]);
  });

  it("has what changed since it was told, and why hosts went, sorted by hostname", () => {
    for (const hostname of ["a", "b", "c", "d"]) known.set(hostname);
    tell();
    expect(untold.isEmpty).toBe(true);
    known.remove("d", "expired");
    known.remove("c", "left");
    known.set("b", "x");
    known.set("e");
    expect(changes()).toBe("b changed, c left, d expired, e joined");
  });

  it("has nothing of what cancels out", () => {
    known.set("a", "x");
    known.set("b");
    tell();
    known.set("c");
    known.remove("c", "left");
    known.set("a", "y");
    known.set("a", "x");
    known.remove("b", "expired");
    known.set("b");
    expect(changes()).toBe("");
    expect(untold.isEmpty).toBe(true);
  });

  it("has a host as changed that went and came back with other labels", () => {
    known.set("a", "x");
    tell();
    known.remove("a", "left");
    known.set("a", "y");
    expect(changes()).toBe("a changed");
  });

  it("knows the last reason of a host that went twice", () => {
    known.set("a");
    tell();
    known.remove("a", "left");
    known.set("a");
    known.remove("a", "expired");
    expect(changes()).toBe("a expired");
  });

  it("keeps a departure during the telling, with its reason, for the next time", () => {
    known.set("a");
    const telling = untold.latest();
    known.remove("a", "expired");
    untold.told(telling);
    expect(changes()).toBe("a expired");
  });

  it("is not empty after a failure, though nothing differs, until it was told", () => {
    known.set("a");
    untold.failed();
    known.remove("a", "left");
    expect(changes()).toBe("");
    expect(untold.isEmpty).toBe(false);
    tell();
    expect(untold.isEmpty).toBe(true);
  });

  it("has the same news until something changes or is told", () => {
    known.set("a");
    const first = untold.latest();
    expect(untold.latest()).toBe(first);
    known.set("b");
    const second = untold.latest();
    expect(second).not.toBe(first);
    untold.told(second);
    expect(untold.latest()).not.toBe(second);
  });

  it("makes a receiver that follows the changes alone know the hosts, whatever happens and fails", () => {
    const hostname = fc.constantFrom("a", "b", "c", "d");
    const step = fc.oneof(
      fc.record({ act: fc.constant("set" as const), hostname, label: fc.constantFrom("x", "y") }),
      fc.record({ act: fc.constantFrom("left" as const, "expired" as const), hostname }),
      fc.record({ act: fc.constantFrom("tell" as const, "fail" as const, "begin" as const, "end" as const) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const follower = new Follower();
        for (const it of steps) {
          if (it.act === "set") follower.known.set(it.hostname, it.label);
          else if (it.act === "left" || it.act === "expired") follower.known.remove(it.hostname, it.act);
          else follower[it.act]();
        }
        follower.tell();
        expect([...follower.hostnames].toSorted()).toEqual(follower.known.list().map(({ hostname }) => hostname));
        expect(follower.untold.isEmpty).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});

/** Knows only what the changes say, and checks each against what it knows. */
class Follower {
  readonly known = new KnownHosts();
  readonly untold = new Untold(this.known.list);
  readonly hostnames = new Set<string>();
  readonly #lastReason = new Map<string, string>();
  #begun: ReturnType<Untold["latest"]> | undefined;

  constructor() {
    this.known.onChange((change) => {
      this.untold.note(change);
      this.#lastReason.set(change.hostname, change.reason);
    });
  }

  begin(): void {
    this.#begun ??= this.untold.latest();
  }

  end(): void {
    if (this.#begun === undefined) return;
    this.#apply(this.#begun);
    this.untold.told(this.#begun);
    this.#begun = undefined;
  }

  tell(): void {
    this.end();
    // No change in between, so that the reasons are those that were last heard.
    for (const { hostname, reason } of this.untold.latest().changes) {
      if (reason === "left" || reason === "expired") expect(reason).toBe(this.#lastReason.get(hostname));
    }
    this.begin();
    this.end();
  }

  fail(): void {
    this.#begun = undefined;
    this.untold.failed();
  }

  #apply({ changes }: ReturnType<Untold["latest"]>): void {
    expect(changes.map(({ hostname }) => hostname)).toEqual(changes.map(({ hostname }) => hostname).toSorted());
    for (const { hostname, reason } of changes) {
      expect(this.hostnames.has(hostname)).toBe(reason !== "joined");
      if (reason === "joined") this.hostnames.add(hostname);
      else if (reason !== "changed") this.hostnames.delete(hostname);
    }
  }
}
