import { execFile } from "node:child_process";
import { connect, type Socket } from "node:net";
import { promisify } from "node:util";
import { freePort, realClock, waitUntil } from "@org/discovery-test-servers";
import { Hono } from "hono";
import { describe, expect, it, onTestFinished } from "vitest";
import { startHttpServer, type HttpServer, type ServerLimits } from "../../src/http/server.ts";
import { RecordingLog } from "../recording-log.ts";
import { appUnderTest } from "./app-under-test.ts";

interface Started {
  readonly server: HttpServer;
  readonly url: string;
  readonly port: number;
}

async function serve(app: Hono, limits: Partial<ServerLimits> = {}, host = "127.0.0.1"): Promise<Started> {
  const fetchApp = (request: Request): Response | Promise<Response> => app.fetch(request);
  const server = await startHttpServer({
    clock: realClock,
    log: new RecordingLog(),
    fetch: fetchApp,
    host,
    port: 0,
    limits,
  });
  onTestFinished(() => server.close());
  return { server, url: `http://${server.address}`, port: Number(server.address.split(":").at(-1)) };
}

/** A bare connection that gathers what comes until the other side ends it. */
class Wire {
  readonly #socket: Socket;
  readonly ended: Promise<string>;
  received = "";

  constructor(port: number) {
    this.#socket = connect(port, "127.0.0.1");
    this.ended = new Promise((resolve) => {
      this.#socket.on("data", (chunk) => (this.received += chunk.toString()));
      this.#socket.on("error", () => undefined);
      this.#socket.on("close", () => resolve(this.received));
    });
    onTestFinished(() => void this.#socket.destroy());
  }

  send(text: string): void {
    this.#socket.write(text);
  }
}

describe("serving", () => {
  it("answers over a real socket as the app does", async () => {
    const { app } = await appUnderTest();
    const { url } = await serve(app);
    const posted = await fetch(`${url}/v1/labels`, { method: "POST", body: "service:smtp\n" });
    expect([posted.status, await posted.text()]).toEqual([200, "OK"]);
    const local = await fetch(`${url}/v1/discovery`);
    expect(local.headers.get("Content-Type")).toBe("application/json");
    expect(await local.json()).toMatchObject({ labels: ["service:smtp"] });
    const head = await fetch(`${url}/`, { method: "HEAD" });
    expect([head.status, await head.text()]).toEqual([200, ""]);
    expect((await fetch(`${url}/v1/sd/hosts`, { headers: { "If-None-Match": "*" } })).status).toBe(304);
  });

  it("says where it listens, with IPv6 in brackets", async () => {
    const { app } = await appUnderTest();
    const { server, url } = await serve(app, {}, "::1");
    expect(server.address).toMatch(/^\[::1\]:\d+$/);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  it("names the address that it can't have", async () => {
    const { app } = await appUnderTest();
    const { port } = await serve(app);
    const again = startHttpServer({
      clock: realClock,
      log: new RecordingLog(),
      fetch: app.fetch,
      host: "127.0.0.1",
      port,
    });
    await expect(again).rejects.toThrow(`HTTP cannot listen on 127.0.0.1:${port}: the address is in use`);
    const elsewhere = startHttpServer({
      clock: realClock,
      log: new RecordingLog(),
      fetch: app.fetch,
      host: "192.0.2.1",
      port: await freePort(),
    });
    await expect(elsewhere).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("192.0.2.1"),
    });
  });
});

describe("what is no proper request", () => {
  it.each([
    ["no HTTP", "hello\r\n\r\n", "400"],
    ["a host that is none", "GET / HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n", "400"],
    ["a target that is none", "GET http://[ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "400"],
    ["a head of 20 KiB", `GET / HTTP/1.1\r\nHost: x\r\nX: ${"x".repeat(20_480)}\r\n\r\n`, "431"],
    ["a query of 20 KiB", `GET /?labels=${"x".repeat(20_480)} HTTP/1.1\r\nHost: x\r\n\r\n`, "431"],
    ["a chunk that is none", "POST /v1/labels HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "400"],
    ["two lengths", "POST /v1/labels HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx", "400"],
  ])("%s gets an error and no more", async (_what, request, status) => {
    const { app, labels } = await appUnderTest();
    const { port } = await serve(app);
    const wire = new Wire(port);
    wire.send(request);
    expect(await wire.ended).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(await labels.read()).toEqual([]);
  });

  it.each(["GET http://[ HTTP/1.1\r\nHost: x", "OPTIONS * HTTP/1.1\r\nHost: x", "GET / HTTP/1.1\r\nHost: a b"])(
    "%j is told what is expected",
    async (head) => {
      const { app } = await appUnderTest();
      const { port } = await serve(app);
      const wire = new Wire(port);
      wire.send(`${head}\r\nConnection: close\r\n\r\n`);
      expect(await wire.ended).toMatch(/\r\n\r\nrequest line or header Host: expected /);
    },
  );

  it("a body over the limit gets 413, however it is announced", async () => {
    const { app } = await appUnderTest();
    const { url, port } = await serve(app);
    const response = await fetch(`${url}/v1/labels`, { method: "POST", body: "x".repeat(2 * 1024 * 1024) });
    expect(response.status).toBe(413);
    const wire = new Wire(port);
    wire.send("POST /v1/labels HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
    // One more than there may be: nothing is left to be sent when the answer comes.
    for (let sent = 0; sent < 17; sent++) wire.send(`10000\r\n${"x".repeat(0x10000)}\r\n`);
    expect(await wire.ended).toMatch(/^HTTP\/1\.1 413 /);
  });

  it("the 413 reaches clients that send all of a much longer body before they listen", async () => {
    const { app } = await appUnderTest();
    const { url } = await serve(app);
    // In a process of its own: one that shares ours never sends while the answer is written.
    const client = `
      const body = "x".repeat(20 * 1024 * 1024);
      for (let count = 0; count < 12; count++) {
        const response = await fetch(${JSON.stringify(`${url}/v1/labels`)}, { method: "POST", body });
        console.log(response.status, await response.text());
      }`;
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", client]);
    expect(stdout).toBe("413 request body: expected at most 1048576 bytes\n".repeat(12));
  });

  it("a client that goes in the middle of its body changes nothing", async () => {
    const { app, labels, log } = await appUnderTest();
    const stages: string[] = [];
    const watched = new Hono().all("*", async (c) => {
      stages.push("begun");
      const response = await app.fetch(c.req.raw);
      stages.push(`answered ${response.status}`);
      return response;
    });
    const { port } = await serve(watched);
    const socket = connect(port, "127.0.0.1");
    socket.write("POST /v1/labels HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nservice:");
    await waitUntil("the request has begun", () => stages.length === 1);
    socket.destroy();
    await waitUntil("the request is over", () => stages.length === 2);
    expect(stages).toEqual(["begun", "answered 400"]);
    expect(await labels.read()).toEqual([]);
    expect(log.at("error")).toEqual([]);
  });
});

describe("slow clients", () => {
  const patient = { headersMs: 20_000, requestMs: 20_000, keepAliveMs: 20_000, silenceMs: 20_000, checkMs: 50 };
  const head = "POST /v1/labels HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n";

  it.each([
    ["never finish their head", { headersMs: 200 }, "GET / HTTP/1.1\r\nHost: x\r\nX-", /^HTTP\/1.1 408 /],
    ["never finish their body", { requestMs: 400, headersMs: 300 }, `${head}x`, /^HTTP\/1.1 408 /],
    ["send nothing after their head", { silenceMs: 200 }, head, /^$/],
    ["send nothing at all", { silenceMs: 200 }, "", /^$/],
    ["ask nothing more", { keepAliveMs: 200 }, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", /ok$/],
  ])("that %s are cut off", async (_what, limits, begin, answer) => {
    const { app } = await appUnderTest();
    const { port } = await serve(app, { ...patient, ...limits });
    const wire = new Wire(port);
    const begun = performance.now();
    wire.send(begin);
    const drip = setInterval(() => ("silenceMs" in limits || "keepAliveMs" in limits ? undefined : wire.send("x")), 50);
    expect(await wire.ended).toMatch(answer);
    clearInterval(drip);
    // Long before any of the others would: a machine that is busy takes its time for the rest.
    expect(performance.now() - begun).toBeLessThan(15_000);
  });
});

describe("closing", () => {
  it("drops idle connections at once, lets a request finish, and takes no new one", async () => {
    const app = new Hono();
    const held = Promise.withResolvers<void>();
    let isBusy = false;
    app.get("/fast", (c) => c.text("fast"));
    app.get("/slow", async (c) => {
      isBusy = true;
      await held.promise;
      return c.text("slow");
    });
    // Connections that are kept alive, or cut off, stay for longer than the test allows.
    const { server, url, port } = await serve(app, { closeMs: 25_000 });
    const idle = new Wire(port);
    idle.send("GET /fast HTTP/1.1\r\nHost: x\r\n\r\n");
    const busy = new Wire(port);
    busy.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
    await waitUntil("one is answered, and one is not", () => idle.received.endsWith("fast") && isBusy);
    const begun = performance.now();
    const closing = server.close();
    expect(await idle.ended).toMatch(/fast$/);
    await expect(fetch(`${url}/fast`)).rejects.toThrow("fetch failed");
    held.resolve();
    expect(await busy.ended).toMatch(/slow$/);
    await closing;
    await server.close();
    expect(performance.now() - begun).toBeLessThan(15_000);
  });

  it("cuts off a request that does not finish", async () => {
    const app = new Hono();
    let isBusy = false;
    app.get("/", () => {
      isBusy = true;
      return new Promise<Response>(() => undefined);
    });
    const { server, port } = await serve(app, { closeMs: 200 });
    const wire = new Wire(port);
    wire.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    await waitUntil("the request has begun", () => isBusy);
    await server.close();
    expect(await wire.ended).toBe("");
  });
});
