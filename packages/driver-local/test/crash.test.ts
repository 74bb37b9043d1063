import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { LocalDriver } from "../src/driver.ts";
import { LocalHub } from "../src/hub.ts";
import { Child } from "./children.ts";
import { driverContext } from "./context.ts";
import { temporaryFolder } from "./temporary-folder.ts";
import { Watched } from "./watched.ts";

const WRITER = new URL("./writer.ts", import.meta.url);
const FILLER = new URL("./filler.ts", import.meta.url);

async function contents(path: string): Promise<Watched> {
  const driver = new LocalDriver(new LocalHub(path, Math.random), driverContext());
  await driver.start();
  const watched = await Watched.of(driver.store);
  await driver.close();
  return watched;
}

test("whatever a daemon acknowledged before kill -9 is there", async () => {
  const path = join(temporaryFolder(), "registry.db");
  const acknowledged = new Map<string, number>();
  for (let round = 0; round < 5; round++) {
    const child = new Child(WRITER, [path, `round-${round}-`]);
    await child.printed(20 + round * 30);
    await sleep(Math.random() * 20);
    await child.kill();
    expect(child.lines.length).toBeGreaterThanOrEqual(20);
    for (const line of child.lines) {
      const [revision, key = ""] = line.split(" ");
      acknowledged.set(key, Number(revision));
    }
    const snapshot = (await contents(path)).snapshots[0]!;
    for (const [key, revision] of acknowledged) expect(snapshot.entries.get(key)?.revision, key).toBe(revision);
    // In each round one write may have been made whose acknowledgement was not printed any more.
    expect(snapshot.entries.size - acknowledged.size).toBeLessThanOrEqual(round + 1);
    expect(snapshot.revision).toBe(snapshot.entries.size);
  }
});

test("a file that another process has is waited for until that is gone", async () => {
  const path = join(temporaryFolder(), "registry.db");
  const child = new Child(WRITER, [path]);
  await child.printed(1);
  const driver = new LocalDriver(new LocalHub(path, Math.random), driverContext());
  const started = driver.start();
  await sleep(200);
  expect(driver.link.state).toBe("down");
  expect(driver.link.lastError?.message).toContain(`SQLite file ${path}: another daemon has it`);
  await child.kill();
  await started;
  expect((await Watched.of(driver.store)).values.size).toBeGreaterThan(0);
  await driver.close();
});

test("on a full disk a write is refused, the link says why, and what was acknowledged is there", async () => {
  const path = join(temporaryFolder(), "registry.db");
  const child = new Child(FILLER, [path], 2_000);
  await child.ended();
  const failure = JSON.parse(child.lines.at(-1) ?? "{}") as Record<string, unknown>;
  expect(failure).toMatchObject({ code: "unavailable", state: "down" });
  expect(failure["lastError"]).toContain(`SQLite file ${path}: not written`);
  const acknowledged = child.lines.slice(0, -1).map((line) => line.split(" ")[1] ?? "");
  expect(acknowledged.length).toBeGreaterThan(5);
  expect([...(await contents(path)).values.keys()].toSorted()).toEqual(acknowledged.toSorted());
});
