import type { Driver } from "@org/discovery-core";
import type { DriverHarness } from "@org/discovery-driver-conformance";
import { expect, test } from "vitest";
import { withoutStore } from "./altered-driver.ts";
import { collectChecks, failureOf } from "./collected-checks.ts";
import { driverContext } from "./context.ts";
import { Disk } from "./disk.ts";
import { FAULTS } from "./faults.ts";
import { realClock } from "./real-clock.ts";

/** The local driver, made worse. */
function harness(worsen: (driver: Driver) => Driver): DriverHarness {
  const open = async (): Promise<Disk> => {
    const disk = new Disk(driverContext());
    const connect = disk.connect.bind(disk);
    return Object.assign(disk, { connect: () => worsen(connect()) });
  };
  return { name: "worse", clock: realClock, open };
}

const CASES = FAULTS.flatMap(({ name, noticedBy, worsen }) => noticedBy.map((check) => ({ name, check, worsen })));

test.concurrent.each(CASES)("when $name, the suite fails at $check", async ({ check, worsen }) => {
  expect(await failureOf(harness(worsen), check)).toBeInstanceOf(Error);
});

test("a check that needs a freeze fails where there is none and no reason is given", async () => {
  const failure = await failureOf(
    harness((driver) => driver),
    "bus: subscriptions survive a freeze",
  );
  expect(failure?.message).toContain("give the reason in skips");
});

test("a skip needs a reason", () => {
  const skips = { "bus: channels are apart": " " };
  expect(() => collectChecks({ ...harness((driver) => driver), skips })).toThrow("expected a reason");
});

test("a skipped check says why, and does not run", async () => {
  const skips = { "bus: channels are apart": "it has one channel" };
  const open = (): never => expect.unreachable("a backend was opened");
  const checks = collectChecks({ ...harness((driver) => driver), open, skips });
  const reasons: (string | undefined)[] = [];
  await checks.get("bus: channels are apart (skipped: it has one channel)")?.({ skip: (why) => reasons.push(why) });
  expect(reasons).toEqual(["it has one channel"]);
});

test("a driver without a store skips the checks of the store, and no other", async () => {
  const checks = collectChecks(harness(withoutStore));
  const reasons: (string | undefined)[] = [];
  const context = { skip: (why?: string) => void reasons.push(why) };
  await checks.get("wipe: survives a kill")?.(context);
  expect(reasons).toEqual(["the driver has no store"]);
  await checks.get("bus: channels are apart")?.(context);
  await checks.get("close: is idempotent, and nothing is told afterwards")?.(context);
  expect(reasons.length).toBe(1);
});
