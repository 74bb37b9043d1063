import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { runCli } from "../src/index.ts";
import { RecordingTerminal } from "./recording-terminal.ts";

interface Sent {
  readonly path: string;
  readonly token: string | undefined;
  readonly body: unknown;
}

const PLAN = { services: 120, moved: 0, unassigned: 0, servers: [{ name: "p1", before: 1, after: 1 }], moves: [] };
const WIPED = { removed: 7, before: { id: "a", origin: "fresh" }, epoch: { id: "b", origin: "wiped" }, revision: 12 };

let sent: Sent[];
let address: string;
/** How a wipe is answered. */
let wiped: { status: number; body: object } | "cut";

/** Speaks as a daemon does as far as the command listens. */
beforeEach(async () => {
  sent = [];
  wiped = { status: 200, body: WIPED };
  const server = createServer((request, response) => {
    let text = "";
    request.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
    request.on("end", () => {
      const path = request.url ?? "";
      sent.push({ path, token: request.headers.authorization, body: JSON.parse(text) });
      const answer = path === "/v1/plan" ? { status: 200, body: PLAN } : wiped;
      if (answer === "cut") request.socket.destroy();
      else response.writeHead(answer.status, { "Content-Type": "application/json" }).end(JSON.stringify(answer.body));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
});

const wipes = (): unknown[] => sent.filter(({ path }) => path === "/v1/admin/wipe").map(({ body }) => body);

describe("discovery admin wipe", () => {
  test("shows what would be lost, asks, and says which epoch began", async () => {
    const terminal = new RecordingTerminal({ answer: "wipe\n" });
    expect(await runCli(["admin", "wipe", "-a", address, "--reason", "moving house"], terminal)).toBe(0);
    expect(terminal.complaints.join("")).toContain("1 servers, 120 services");
    expect(terminal.complaints.join("")).toContain(address);
    expect(terminal.questions).toEqual(["Type wipe to go on: "]);
    expect(terminal.printed).toEqual([
      "wiped: 7 entries removed; epoch a (fresh) is over, epoch b (wiped) began at revision 12",
    ]);
    expect(wipes()).toEqual([{ confirm: "wipe", reason: "moving house" }]);
  });

  test.each(["", "no", "y", "yes", "WIPE", "wipe it"])("%j is no confirmation", async (answer) => {
    const terminal = new RecordingTerminal({ answer });
    expect(await runCli(["admin", "wipe", "-a", address], terminal)).toBe(1);
    expect(terminal.complaints.at(-1)).toBe("not confirmed: nothing was wiped");
    expect(wipes()).toEqual([]);
  });

  test("wipes nothing where nobody can be asked, unless told --yes", async () => {
    const terminal = new RecordingTerminal();
    expect(await runCli(["admin", "wipe", "-a", address], terminal)).toBe(2);
    expect(terminal.complaints.at(-1)).toContain("--yes");
    expect(sent).toEqual([]);
    expect(await runCli(["admin", "wipe", `--address=${address}`, "--yes"], terminal)).toBe(0);
    expect(wipes()).toEqual([{ confirm: "wipe" }]);
  });

  test.each([
    ["an option", ["--token", "0123"], {}],
    ["the environment", [], { DISCOVERY_TOKEN: "0123" }],
    ["an option before the environment", ["--token=0123"], { DISCOVERY_TOKEN: "other" }],
  ])("presents the token of %s as it was typed", async (_what, flags, env) => {
    const terminal = new RecordingTerminal({ env: { DISCOVERY_ADDRESS: address, ...env } });
    expect(await runCli(["admin", "wipe", "-y", ...flags], terminal)).toBe(0);
    expect(sent.map(({ token }) => token)).toEqual(["Bearer 0123"]);
  });

  test.each([
    [1, { status: 401, body: { detail: "wrong token", code: "unauthenticated" } }, "wrong token"],
    [1, { status: 503, body: { detail: "not yet", code: "unavailable" } }, "not yet"],
    [3, { status: 504, body: { detail: "lost", code: "outcome_unknown" } }, "lost"],
    [3, "cut" as const, "not reached"],
  ])("ends with %i for %j", async (code, answer, message) => {
    wiped = answer;
    const terminal = new RecordingTerminal();
    expect(await runCli(["admin", "wipe", "-y", "-a", address], terminal)).toBe(code);
    expect(terminal.complaints.at(-1)).toContain(message);
    expect(terminal.printed).toEqual([]);
  });
});

describe("a mistake in the command line ends with 2, and nothing is sent", () => {
  test.each([
    [[], "Usage"],
    [["frobnicate"], '"frobnicate" is no command'],
    [["admin"], "expected a command (wipe), got none"],
    [["admin", "whipe"], 'got "whipe"'],
    [["admin", "wipe", "--force"], "--force"],
    [["admin", "wipe", "everything", "-y"], "everything"],
    [["admin", "wipe", "-y", "--token"], "token"],
    [["admin", "wipe", "-y", "--token", "a\nb"], "--token: expected text without control characters"],
    [["admin", "wipe", "-y", "--timeout", "soon"], "15s"],
    [["admin", "wipe", "-y", "--timeout", "0"], "15s"],
    [["admin", "wipe", "-y", "-a", "ftp://x"], "ftp://x"],
  ])("%j", async (argv, message) => {
    const terminal = new RecordingTerminal({ env: { DISCOVERY_ADDRESS: address } });
    expect(await runCli(argv, terminal)).toBe(2);
    expect(terminal.complaints.join("\n")).toContain(message);
    expect(sent).toEqual([]);
  });

  test("help is no mistake", async () => {
    const terminal = new RecordingTerminal();
    expect(await runCli(["--help"], terminal)).toBe(0);
    expect(terminal.printed.join("")).toContain("admin");
    expect(await runCli(["admin", "wipe", "--help"], terminal)).toBe(0);
    expect(sent).toEqual([]);
  });
});
