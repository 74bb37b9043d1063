import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startNats, waitUntil } from "@org/discovery-test-servers";
import { expect, test } from "vitest";
import { natsKeeperWith } from "./context.ts";
import { Recorder } from "./recorder.ts";

const MANY = 10_000;

test(
  "ten thousand entries are written, and another daemon gets them in one snapshot",
  { timeout: 120_000 },
  async () => {
    const server = await startNats();
    const [writer, reader] = [natsKeeperWith({ servers: [server.url] }), natsKeeperWith({ servers: [server.url] })];
    await writer.start();
    const revisions = await Promise.all(
      Array.from({ length: MANY }, (_, index) =>
        writer.store.put(`service/default/${index}`, `{"schema":1,"port":${index}}`, { ifRevision: 0 }),
      ),
    );
    expect(new Set(revisions).size).toBe(MANY);
    const recorder = new Recorder();
    await reader.store.watch(recorder);
    await reader.start();
    await waitUntil("the snapshot", () => recorder.snapshots.length > 0, 10_000);
    expect(recorder.entries.size).toBe(MANY);
    expect(recorder.changes).toEqual([]);
    expect(recorder.entries.get("service/default/77")).toEqual({
      value: '{"schema":1,"port":77}',
      revision: revisions[77],
    });
    await writer.close();
    await reader.close();
    await server.stop();
  },
);

test("what is larger than the server's max_payload is refused by name, and the connection stays", async () => {
  const folder = await mkdtemp(join(tmpdir(), "discovery-nats-size-"));
  const config = join(folder, "nats.conf");
  await writeFile(config, "max_payload: 4096\n");
  const server = await startNats({ args: ["--config", config] });
  const driver = natsKeeperWith({ servers: [server.url], linkTimeoutMs: 30_000 });
  await driver.start();
  const { since } = driver.link;
  const large = "x".repeat(5000);
  const refusal = { code: "invalid_argument", message: expect.stringMatching(/at most 4096 bytes.*got 5000/) };
  await expect(driver.bus.publish("lobby.discovery", large)).rejects.toMatchObject(refusal);
  await expect(driver.store.put("service/a", large)).rejects.toMatchObject(refusal);
  await expect(driver.store.put("service/a", large, { ifRevision: 0 })).rejects.toMatchObject(refusal);
  expect(await driver.store.put("service/a", "x".repeat(3500))).toBeGreaterThan(0);
  expect(driver.link.since).toBe(since);
  await driver.close();
  await server.stop();
  await rm(folder, { recursive: true });
});
