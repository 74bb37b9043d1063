import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, reapWithUs, waitUntil } from "@org/discovery-test-servers";
import { expect, onTestFinished, test } from "vitest";
import { Discoveryd } from "./discoveryd.ts";
import { codeBlocks, readPage, section } from "./markdown.ts";

const SECRET = "whsec_bm9ib2R5IGd1ZXNzZXMgdGhpcyBzZWNyZXQ=";

/** What a daemon may take to stop; it ends with 1 where it takes longer itself. */
const STOP_MS = 5000;

/** The receiver of docs/callbacks.md as it is printed there. */
class PrintedReceiver {
  output = "";
  readonly url: string;

  private constructor(port: number) {
    this.url = `http://127.0.0.1:${port}/hook`;
  }

  static async start(): Promise<PrintedReceiver> {
    const blocks = codeBlocks(section(await readPage("docs/callbacks.md"), "### A receiver"));
    const folder = await mkdtemp(join(tmpdir(), "discovery-receiver-"));
    const path = join(folder, "receiver.mjs");
    await writeFile(path, blocks.find(({ language }) => language === "js")?.text ?? "");
    const port = await freePort();
    const receiver = new PrintedReceiver(port);
    const child = spawn(process.execPath, [path], { env: { PORT: String(port), WEBHOOK_SECRET: SECRET } });
    const release = reapWithUs(Number(child.pid), folder);
    onTestFinished(async () => {
      child.kill("SIGKILL");
      release();
      await rm(folder, { recursive: true, force: true });
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk: Buffer) => (receiver.output += chunk.toString("utf8")));
    }
    await waitUntil("the receiver listens", () => receiver.#isUp());
    return receiver;
  }

  async #isUp(): Promise<boolean> {
    const response = await fetch(this.url, { method: "POST" }).catch(() => undefined);
    return response?.status === 401;
  }
}

/** Whoever connects there is cut off at once. */
async function deadUrl(): Promise<string> {
  const server = createServer((socket) => void socket.destroy());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

function start(env: Readonly<Record<string, string>>): Promise<Discoveryd> {
  const flags = ["--hostname", "a.example.com", "--callback-first-run-delay", "0", "--callback-cooldown", "100ms"];
  return Discoveryd.start({ env, flags });
}

test("the receiver of the documentation believes a daemon with its secret, and no other", async () => {
  const receiver = await PrintedReceiver.start();
  const daemon = await start({ WEBHOOK: receiver.url, WEBHOOK_SECRET: SECRET });
  await waitUntil("it was told", () => receiver.output === "a.example.com joined\n1 known\n");
  await daemon.addLabels("service:web");
  await waitUntil("it was told the change", () => receiver.output.endsWith("a.example.com changed\n1 known\n"));
  // The receiver prints before it answers.
  const taken = 'discovery_webhook_deliveries_total{result="success"}';
  await waitUntil("both were counted", async () => (await daemon.metric(taken)) === 2);
  await daemon.end("SIGTERM");

  const before = receiver.output;
  const stranger = await start({ WEBHOOK: receiver.url, WEBHOOK_SECRET: "some other secret of theirs" });
  const rejected = 'discovery_webhook_deliveries_total{result="rejected"}';
  await waitUntil("it was rejected", async () => (await stranger.metric(rejected)) === 1);
  expect(receiver.output).toBe(before);
  expect(await stranger.log()).not.toContain("/hook");
});

test("a daemon whose webhook is dead serves, and stops in time", async () => {
  const daemon = await start({ WEBHOOK: await deadUrl() });
  const failed = 'discovery_webhook_deliveries_total{result="failure"}';
  await waitUntil("it failed", async () => (await daemon.metric(failed)) >= 2);
  expect(await daemon.hostnames()).toEqual(["a.example.com"]);
  const { code, ms } = await daemon.end("SIGTERM");
  expect(code).toBe(0);
  expect(ms).toBeLessThan(STOP_MS);
});
