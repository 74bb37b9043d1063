import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { waitUntil } from "@org/discovery-test-servers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

// Each starts processes, and on a busy machine the start of one takes seconds.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url));
const MANIFEST = fileURLToPath(new URL("../package.json", import.meta.url));

let folder: string;
let children: ChildProcess[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "discoveryd-"));
  children = [];
});

afterEach(async () => {
  // Only a process that is gone writes nothing more into the folder.
  await Promise.all(children.map(killed));
  rmSync(folder, { recursive: true });
});

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  child.kill("SIGKILL");
  await exit;
}

/** A discoveryd of its own folder, on a free port, and nothing from the surroundings but the path. */
function discoveryd(argv: readonly string[], environment: Record<string, string> = {}, log?: string) {
  const file = log === undefined ? undefined : openSync(log, "w");
  const child = spawn(process.execPath, [MAIN, ...argv], {
    stdio: ["ignore", "pipe", file ?? "pipe"],
    env: {
      PATH: process.env["PATH"],
      HOME: folder,
      LABELS_PATH: join(folder, "labels"),
      DISCOVERY_DATA_DIR: join(folder, "data"),
      PORT: "0",
      ...environment,
    },
  });
  if (file !== undefined) closeSync(file);
  children.push(child);
  let stdout = "";
  let stderr = "";
  child.stdout?.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = once(child, "close").then(([code, signal]: unknown[]) => ({ code, signal, stdout, stderr }));
  /** Everything that was logged until the text came. */
  const logged = async (text: string): Promise<string> => {
    let isOver = false;
    void ended.then(() => (isOver = true));
    await waitUntil(`it logs ${text}`, () => stderr.includes(text) || isOver, 60_000);
    if (!stderr.includes(text)) throw new Error(`ended without ${text}: ${stderr}`);
    return stderr;
  };
  return { child, ended, logged };
}

describe("what is only printed", () => {
  test("--help and --version go to standard output, mistakes or not", async () => {
    const help = await discoveryd(["--help", "--nonsense"]).ended;
    expect(help).toMatchObject({ code: 0, stderr: "" });
    expect(help.stdout).toContain("--http-listen HOST:PORT");
    const { version } = JSON.parse(readFileSync(MANIFEST, "utf8")) as { version: string };
    expect(await discoveryd(["-v"]).ended).toMatchObject({ code: 0, stdout: `discoveryd ${version}\n`, stderr: "" });
  });

  test("--show-config shows everything but secrets", async () => {
    const shown = await discoveryd(["server", "--show-config", "--token", "hunter2"], { DISCOVERY_TTTL: "1" }).ended;
    expect(shown.code).toBe(0);
    expect(shown.stdout).toMatch(/^ {2}token +\*{4} +flag$/m);
    expect(shown.stdout).toMatch(/^ {2}http-listen +127\.0\.0\.1:0 +environment: PORT$/m);
    expect(shown.stdout).not.toContain("hunter2");
    expect(shown.stderr).toBe(
      "DISCOVERY_TTTL: no such option (did you mean DISCOVERY_TTL?); the variable is ignored\n",
    );
  });
});

test("a reader of the output that has seen enough is no fault", async () => {
  const { child, ended } = discoveryd(["--help"]);
  child.stdout?.destroy();
  expect(await ended).toMatchObject({ code: 0, stderr: "" });
});

describe("a mistaken configuration", () => {
  test("stops the start with exit code 78 and one line per mistake", async () => {
    const path = join(folder, "c.yaml");
    writeFileSync(path, "# mine\nlog-level: loud\n");
    const result = await discoveryd(["--config", path, "--redis-port=x"], { PORT: "abc" }).ended;
    expect(result).toMatchObject({ code: 78, stdout: "" });
    expect(result.stderr.split("\n")).toEqual([
      'PORT: expected a port number, got "abc" (from environment)',
      '--redis-port: expected a port number, got "x" (from flag)',
      `log-level: expected one of debug, info, warn, error, got "loud" (from ${path}:2)`,
      "",
    ]);
  });

  test("is one, too, where a driver refuses it", async () => {
    const ca = join(folder, "ca.pem");
    const options = { redis: { histryLimit: 5, password: "hunter2", username: 7 } };
    const argv = ["--driver", "redis,no-such-driver", "--driver-options", JSON.stringify(options)];
    const lines = [
      "--driver-options redis.histryLimit: expected an option of driver redis (did you mean historyLimit?), got 5 (from flag)",
      "--driver-options redis.username: expected a text, got 7 (from flag)",
      expect.stringMatching(/^--driver: expected a driver that can be loaded, got "no-such-driver": .* \(from flag\)$/),
      "",
    ];
    const result = await discoveryd(argv).ended;
    expect(result).toMatchObject({ code: 78, stdout: "" });
    expect(result.stderr.split("\n")).toEqual(lines);
    const shown = await discoveryd([...argv, "--show-config"]).ended;
    expect(shown.code).toBe(78);
    expect(shown.stdout).toMatch(/^ {2}driver +redis,no-such-driver +flag$/m);
    expect(shown.stderr.split("\n")).toEqual(lines);
    expect([result.stderr, shown.stdout, shown.stderr].join("")).not.toContain("hunter2");

    const created = await discoveryd(["--driver=redis"], { REDIS_TLS_CA: ca }).ended;
    const reason = `got ${JSON.stringify(ca)}: ENOENT: no such file or directory (from environment)`;
    expect(created).toMatchObject({ code: 78, stderr: `REDIS_TLS_CA: expected a PEM file, ${reason}\n` });
  });

  test("is not one of a driver that is not asked", async () => {
    const shown = await discoveryd(["exporter", "--server=a", "--driver=none", "--from=http://a", "--show-config"])
      .ended;
    expect(shown).toMatchObject({ code: 0, stderr: "" });
  });
});

describe("a daemon that runs", () => {
  test.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)("stops on %s with exit code 0", async (signal) => {
    const { child, ended, logged } = discoveryd([]);
    await logged('"running"');
    child.kill(signal);
    expect(await ended).toMatchObject({ code: 0, signal: null, stdout: "" });
  });

  test.each(["local", "redis"])("stops with exit code 0 from its first line on, on %s", async (driver) => {
    const nobody = ["--driver", driver, "--redis-port", "1"];
    const { child, ended } = discoveryd(nobody, { DISCOVERY_TTTL: "1" });
    child.stderr?.once("data", () => child.kill("SIGTERM"));
    const { code, stderr } = await ended;
    expect(code, stderr).toBe(0);
    expect(stderr).not.toContain('"level":"error"');
  });

  test("stays alive without the API, until it is told to stop", async () => {
    const { child, ended, logged } = discoveryd([], { DISABLE_API: "true", LISTEN: "false" });
    await logged("running without the HTTP API");
    const outcome = await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 1500, "alive"))]);
    expect(outcome).toBe("alive");
    child.kill("SIGTERM");
    expect(await ended).toMatchObject({ code: 0 });
  });

  test("logs JSON lines to standard error, and warnings about the configuration among them", async () => {
    const { child, ended, logged } = discoveryd([], { DISCOVERY_TTTL: "1" });
    await logged('"running"');
    child.kill("SIGTERM");
    const { stderr } = await ended;
    const records = stderr
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { level: string; msg: string });
    expect(records[0]).toMatchObject({ level: "warn", msg: expect.stringContaining("DISCOVERY_TTTL") as string });
    expect(records.at(-1)).toMatchObject({ level: "info", msg: "stopping" });
  });

  test("finishes what a slow client began within the grace, and ends with 0 although the client never does", async () => {
    const { child, ended, logged } = discoveryd([]);
    const [, port] = /"address":"127\.0\.0\.1:(\d+)","msg":"running"/.exec(await logged('"running"')) ?? [];
    const client = connect(Number(port), "127.0.0.1").on("error", () => undefined);
    client.write(
      "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nPOST /v1/labels HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\na",
    );
    await once(client, "data");
    child.kill("SIGTERM");
    expect(await ended).toMatchObject({ code: 0 });
    client.destroy();
  });

  test("serves and stops although its log is on a full disk", async () => {
    const path = join(folder, "callback-was-here");
    const callback = ["--callback", `touch ${path}`, "--callback-first-run-delay", "0"];
    const { child, ended } = discoveryd(callback, {}, "/dev/full");
    await waitUntil("it runs", () => existsSync(path), 60_000);
    child.kill("SIGTERM");
    expect(await ended).toMatchObject({ code: 0, stderr: "" });
  });

  test("names the address where its port is taken, and exits with 1", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    try {
      const result = await discoveryd([], { PORT: String(port) }).ended;
      expect(result.code).toBe(1);
      expect(result.stderr).toContain(`127.0.0.1:${port}`);
      expect(result.stderr).toContain("could not start");
    } finally {
      server.close();
    }
  });
});
