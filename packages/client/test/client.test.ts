import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { DiscoveryClient } from "../src/index.ts";

type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => void;

/** A server that answers as the test says; its `host:port`. */
async function serverOf(handle: Handler): Promise<string> {
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
    request.on("end", () => handle(request, response, body));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
}

const silence: Handler = () => undefined;

const WIPED = {
  removed: 7,
  before: { id: "a", origin: "fresh" },
  epoch: { id: "b", origin: "wiped" },
  revision: 12,
} as const;
const PLAN = { services: 0, moved: 0, unassigned: 0, servers: [], moves: [] };

test("a wipe confirms, carries token and reason, and answers what was wiped", async () => {
  const seen: unknown[] = [];
  const address = await serverOf(({ method, url, headers }, response, body) => {
    seen.push(method, url, headers.authorization, headers.accept, JSON.parse(body));
    json(response, 200, WIPED);
  });
  const client = new DiscoveryClient({ address: `http://${address}/behind/a/proxy/`, token: "s3cret" });
  expect(await client.wipe({ reason: "moving house" })).toEqual(WIPED);
  const sent = { confirm: "wipe", reason: "moving house" };
  expect(seen).toEqual(["POST", "/behind/a/proxy/v1/admin/wipe", "Bearer s3cret", "application/json", sent]);
});

test("a token of any letters is sent as UTF-8, and one that no header can hold is refused", async () => {
  let authorization = "";
  const address = await serverOf((request, response) => {
    authorization = Buffer.from(request.headers.authorization ?? "", "latin1").toString("utf8");
    json(response, 200, PLAN);
  });
  await new DiscoveryClient({ address, token: "sešit ü" }).plan();
  expect(authorization).toBe("Bearer sešit ü");
  for (const token of ["", "hunter2\nx", "hunter2\0"]) {
    const make = () => new DiscoveryClient({ address, token });
    expect(make).toThrow(expect.objectContaining({ code: "invalid_argument" }));
    expect(make).not.toThrow(/hunter2/);
  }
});

test("a plan is sent as it is given, and members that are newer are left aside", async () => {
  let sent: unknown;
  const address = await serverOf((_request, response, body) => {
    sent = JSON.parse(body);
    json(response, 200, { ...PLAN, more: true });
  });
  expect(await new DiscoveryClient({ address }).plan({ drain: ["p1"], replicas: 2 })).toEqual(PLAN);
  expect(sent).toEqual({ drain: ["p1"], replicas: 2 });
});

describe("errors", () => {
  const problem =
    (status: number, body: unknown): Handler =>
    (_request, response) =>
      json(response, status, body);

  test.each<[string, Handler, string, string]>([
    ["a problem", problem(503, { detail: "not yet", code: "unavailable" }), "unavailable", "unavailable"],
    [
      "a lost race",
      problem(409, { detail: "lost", code: "revision_conflict" }),
      "revision_conflict",
      "revision_conflict",
    ],
    [
      "a code of HTTP",
      problem(413, { detail: "long", code: "payload_too_large" }),
      "invalid_argument",
      "invalid_argument",
    ],
    ["a proxy's 429", (_request, response) => void response.writeHead(429).end("slowly"), "unavailable", "unavailable"],
    [
      "a proxy's 414",
      (_request, response) => void response.writeHead(414).end(),
      "invalid_argument",
      "invalid_argument",
    ],
    ["a proxy's 504", (_request, response) => void response.writeHead(504).end(), "outcome_unknown", "unavailable"],
    ["a fault of the daemon", problem(500, { detail: "internal", code: "internal" }), "outcome_unknown", "unavailable"],
    [
      "a proxy's 401",
      (_request, response) => void response.writeHead(401).end("who?"),
      "unauthenticated",
      "unauthenticated",
    ],
    [
      "a proxy's 502",
      (_request, response) => void response.writeHead(502).end("<html>"),
      "outcome_unknown",
      "unavailable",
    ],
    [
      "a redirect",
      (_request, response) => void response.writeHead(307, { Location: "/x" }).end(),
      "outcome_unknown",
      "unavailable",
    ],
    ["an answer that is no JSON", (_request, response) => void response.end("hello"), "outcome_unknown", "unavailable"],
    ["another answer", problem(200, { ok: true }), "outcome_unknown", "unavailable"],
    ["a cut connection", (request) => void request.socket.destroy(), "outcome_unknown", "unavailable"],
    ["silence", silence, "outcome_unknown", "unavailable"],
  ])("%s", async (_what, handle, ofChange, ofRead) => {
    const client = new DiscoveryClient({
      address: await serverOf(handle),
      timeoutMs: handle === silence ? 300 : 20_000,
    });
    await expect(client.wipe()).rejects.toMatchObject({ name: "DiscoveryError", code: ofChange });
    await expect(client.plan()).rejects.toMatchObject({ name: "DiscoveryError", code: ofRead });
  });

  test("a certificate that nobody vouches for: nothing was sent", async () => {
    const failing = async (): Promise<Response> => {
      throw new TypeError("fetch failed", {
        cause: Object.assign(new Error("self-signed certificate"), { code: "DEPTH_ZERO_SELF_SIGNED_CERT" }),
      });
    };
    const client = new DiscoveryClient({ address: "https://a", fetch: failing });
    await expect(client.wipe()).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("self-signed"),
    });
  });

  test("nobody listens: nothing was sent, so nothing was changed", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.close();
    await once(server, "close");
    const refused = { code: "unavailable", message: expect.stringContaining(address) };
    await expect(new DiscoveryClient({ address }).wipe()).rejects.toMatchObject(refused);
  });

  test.each(["", "ftp://host", "http://", "host:port", "http://user:secret@host", "http://host?x=1", "a b"])(
    "address %j is refused without showing a password",
    (address) => {
      expect(() => new DiscoveryClient({ address })).toThrow(expect.objectContaining({ code: "invalid_argument" }));
      expect(() => new DiscoveryClient({ address })).not.toThrow(/secret/);
    },
  );
});
