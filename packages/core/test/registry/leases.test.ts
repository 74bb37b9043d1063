import { describe, expect, test } from "vitest";
import { LinkMonitor } from "../../src/driver/link.ts";
import { Leases, type LeasesOptions } from "../../src/registry/leases.ts";
import { VirtualClock } from "../../src/virtual-clock.ts";

const KEY = "service/default/a";

function make(options: Partial<LeasesOptions> = {}) {
  const clock = new VirtualClock();
  const link = new LinkMonitor(clock, Number.POSITIVE_INFINITY);
  link.proved();
  const leases = new Leases({ clock, link, instance: "one", ...options });
  /** Lets time pass in which the backend answers every second. */
  const pass = async (seconds: number): Promise<string[]> => {
    let removable: string[] = [];
    for (let second = 0; second < seconds; second++) {
      await clock.advance(1000);
      if (link.state === "up") link.proved();
      removable = leases.sweep();
    }
    return removable;
  };
  return { clock, link, leases, pass };
}

describe("a lease", () => {
  test("expires after its TTL, not before, and is removable after twice that", async () => {
    const { leases, pass } = make();
    leases.hold(KEY, 60, 1);
    await pass(60);
    expect(leases.isExpired(KEY)).toBe(false);
    await pass(1);
    expect(leases.isExpired(KEY)).toBe(true);
    expect(leases.get(KEY)).toEqual({ ttlSeconds: 60, ageMs: 61_000, expired: true });
    expect(await pass(59)).toEqual([]);
    expect(await pass(11)).toEqual([KEY]);
    leases.release(KEY);
    expect(await pass(1)).toEqual([]);
    expect(leases.get(KEY)).toBeUndefined();
    expect(leases.isExpired(KEY)).toBe(false);
  });

  test("lives on when renewed here or at another daemon, and comes back when it had expired", async () => {
    const { leases, pass } = make();
    leases.hold(KEY, 10, 1);
    for (let index = 0; index < 5; index++) {
      await pass(8);
      if (index % 2 === 0) expect(leases.renew(KEY)).toBe(true);
      else leases.heard([KEY, "service/default/unknown"]);
      expect(leases.isExpired(KEY)).toBe(false);
    }
    await pass(15);
    expect(leases.isExpired(KEY)).toBe(true);
    leases.heard([KEY]);
    expect(leases.isExpired(KEY)).toBe(false);
    expect(leases.renew("service/default/unknown")).toBe(false);
  });

  test("what was renewed here is told to the others once, unless it is gone", () => {
    const { leases } = make();
    leases.hold(KEY, 10, 1);
    leases.hold("gone", 10, 2);
    for (const key of [KEY, KEY, "gone"]) leases.renew(key);
    leases.heard([KEY]);
    leases.release("gone");
    expect(leases.takeRenewals()).toEqual([KEY]);
    expect(leases.takeRenewals()).toEqual([]);
  });

  test("begins anew with a new registration, not when the same one is shown again", async () => {
    const { leases, pass } = make();
    leases.hold(KEY, 10, 1);
    await pass(9);
    leases.hold(KEY, 10, 1);
    await pass(2);
    expect(leases.isExpired(KEY)).toBe(true);
    leases.hold(KEY, 10, 2);
    expect(leases.isExpired(KEY)).toBe(false);
  });

  test("lasts as much longer as renewals take to get here", async () => {
    const { leases, pass } = make({ lagMs: 5000 });
    leases.hold(KEY, 10, 1);
    await pass(15);
    expect(leases.isExpired(KEY)).toBe(false);
    await pass(1);
    expect(leases.isExpired(KEY)).toBe(true);
  });
});

describe("self-preservation", () => {
  test("no lease expires while the link is down, and each gets a full TTL afterwards", async () => {
    const { leases, link, pass } = make();
    leases.hold(KEY, 10, 1);
    await pass(9);
    link.lost(new Error("gone"));
    expect(await pass(1000)).toEqual([]);
    expect(leases.isExpired(KEY)).toBe(false);
    link.proved();
    await pass(10);
    expect(leases.isExpired(KEY)).toBe(false);
    await pass(1);
    expect(leases.isExpired(KEY)).toBe(true);
  });

  test("silence counts as far as the backend has proven that it answers", async () => {
    const { leases, clock } = make();
    leases.hold(KEY, 10, 1);
    await clock.advance(1_000_000);
    leases.sweep();
    expect(leases.isExpired(KEY)).toBe(false);
  });

  test("an expired one is not removed while the link is down", async () => {
    const { leases, link, pass } = make();
    leases.hold(KEY, 10, 1);
    await pass(11);
    link.lost(new Error("gone"));
    expect(await pass(100)).toEqual([]);
  });
});

test("two daemons do not remove at the same moment", async () => {
  const moments = await Promise.all(
    ["one", "two", "three"].map(async (instance) => {
      const { leases, pass } = make({ instance });
      leases.hold(KEY, 60, 1);
      for (let second = 1; second <= 140; second++) if ((await pass(1)).length > 0) return second;
      return 0;
    }),
  );
  expect(new Set(moments).size).toBeGreaterThan(1);
  for (const moment of moments) expect(moment).toBeGreaterThan(120);
});

test("who listens is told of an expiry and of a return, and of nothing else", async () => {
  const { leases, pass } = make();
  let told = 0;
  const cancel = leases.onChange(() => (told += 1));
  leases.hold(KEY, 10, 1);
  leases.renew(KEY);
  await pass(10);
  expect(told).toBe(0);
  await pass(5);
  expect(told).toBe(1);
  leases.renew(KEY);
  expect(told).toBe(2);
  cancel();
  await pass(11);
  expect(told).toBe(2);
});
