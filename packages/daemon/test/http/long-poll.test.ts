import { connect } from "node:net";
import { VirtualClock } from "@org/discovery-core";
import { realClock, waitUntil } from "@org/discovery-test-servers";
import { Hono } from "hono";
import { describe, expect, it, onTestFinished } from "vitest";
import { LongPoll } from "../../src/http/long-poll.ts";
import { startHttpServer } from "../../src/http/server.ts";
import { RecordingLog } from "../recording-log.ts";
import { appUnderTest, host } from "./app-under-test.ts";
import { registryApp, type RegistryApp } from "./registry-app.ts";

interface Timed {
  readonly status: number;
  readonly ms: number;
  readonly etag: string | null;
}

async function timed(request: Response | Promise<Response>): Promise<Timed> {
  const begun = performance.now();
  const response = await request;
  await response.text();
  return { status: response.status, ms: performance.now() - begun, etag: response.headers.get("ETag") };
}

const poll = (app: RegistryApp["app"], path: string, etag: string, signal?: AbortSignal): Promise<Timed> =>
  timed(app.request(path, { headers: { "If-None-Match": etag }, ...(signal === undefined ? {} : { signal }) }));
const pause = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));

/** Long before a wait of 20 s is over: only so much is meant, whatever else the machine has to do. */
const EARLY_MS = 15_000;

describe("a list of the registry", () => {
  it.each(["/v1/services", "/v1/servers", "/v1/namespaces"])("%s is answered when it changes", async (path) => {
    const { app, send } = await registryApp();
    const { etag } = await timed(app.request(path));
    const waiting = poll(app, `${path}?wait=20s`, etag!);
    await pause(100);
    await send("POST", "/v1/servers", { name: "s" });
    await send("POST", "/v1/namespaces", { name: "n" });
    await send("POST", "/v1/services", { name: "a", endpoint: "http://a/" });
    const answered = await waiting;
    expect(answered.status).toBe(200);
    expect(answered.etag).not.toBe(etag);
    expect(answered.ms).toBeLessThan(EARLY_MS);
  });

  it("is a 304 when the time is up, and at once for a client that has another one or names none", async () => {
    const { app } = await registryApp();
    const { etag } = await timed(app.request("/v1/services"));
    const late = await poll(app, "/v1/services?wait=300ms", etag!);
    expect([late.status, late.etag]).toEqual([304, etag]);
    expect(late.ms).toBeGreaterThanOrEqual(299);
    expect(await poll(app, "/v1/services?wait=10s", '"other"')).toMatchObject({ status: 200 });
    expect((await timed(app.request("/v1/services?wait=20s"))).ms).toBeLessThan(EARLY_MS);
  });

  it("sleeps through changes of other lists", async () => {
    const { app, send } = await registryApp();
    const { etag } = await timed(app.request("/v1/services?name=z"));
    const waiting = poll(app, "/v1/services?name=z&wait=800ms", etag!);
    for (let index = 0; index < 20; index++) await send("POST", "/v1/namespaces", { name: `n${index}` });
    expect(await waiting).toMatchObject({ status: 304 });
  });

  it("is given up with its client, and when the daemon stops, and leaves no listener", async () => {
    const stopping = new AbortController();
    const { app, registry } = await registryApp({ stopping: stopping.signal });
    let listeners = 0;
    const { catalog } = registry.service;
    const onChange = catalog.onChange.bind(catalog);
    catalog.onChange = (listener) => {
      listeners += 1;
      const cancel = onChange(listener);
      return () => {
        listeners -= 1;
        cancel();
      };
    };
    const server = await startHttpServer({
      clock: realClock,
      log: new RecordingLog(),
      fetch: (request, env) => app.fetch(request, env),
      host: "127.0.0.1",
      port: 0,
    });
    onTestFinished(() => server.close());
    const { etag } = await timed(app.request("/v1/services"));
    const socket = connect(Number(server.address.split(":").at(-1)), "127.0.0.1");
    socket.write(`GET /v1/services?wait=50s HTTP/1.1\r\nHost: x\r\nIf-None-Match: ${etag}\r\n\r\n`);
    await waitUntil("the wait has begun", () => listeners === 1);
    socket.destroy();
    await waitUntil("the wait is given up", () => listeners === 0);
    const waiting = timed(
      fetch(`http://${server.address}/v1/services?wait=50s`, { headers: { "If-None-Match": etag! } }),
    );
    await waitUntil("the second wait has begun", () => listeners === 1);
    stopping.abort();
    expect(await waiting).toMatchObject({ status: 304 });
    expect(listeners).toBe(0);
    expect((await poll(app, "/v1/services?wait=50s", etag!)).ms).toBeLessThan(EARLY_MS);
  });
});

describe("a list of hosts", () => {
  it.each(["/", "/v1/discoveries", "/v1/resolve?label=prometheus:a", "/v1/sd/hosts", "/v1/prometheus/a"])(
    "%s is answered when it changes",
    async (path) => {
      const { app, presence } = await appUnderTest();
      presence.known = [host("a.example.com", "prometheus:a")];
      const { etag } = await timed(app.request(path));
      const before = presence.listeners.size;
      const waiting = poll(app, `${path}${path.includes("?") ? "&" : "?"}wait=20s`, etag!);
      await pause(100);
      presence.known = [host("a.example.com", "prometheus:a"), host("b.example.com", "prometheus:a")];
      for (const listener of presence.listeners) listener();
      const answered = await waiting;
      expect(answered.status).toBe(200);
      expect(answered.ms).toBeLessThan(EARLY_MS);
      expect(presence.listeners.size).toBe(before);
    },
  );

  it("is the same one when a host was merely heard again", async () => {
    const { app, presence } = await appUnderTest();
    presence.known = [host("a.example.com", "service:a")];
    const { etag } = await timed(app.request("/"));
    expect(etag).toMatch(/^W\//);
    presence.known = [{ hostname: "a.example.com", labels: ["service:a"], lastSeen: 1_800_000_000 }];
    expect(await poll(app, "/", etag!)).toMatchObject({ status: 304 });
    expect(await poll(app, "/?labels=service:a", etag!)).toMatchObject({ status: 304 });
    expect(await poll(app, "/?labels=service:b", etag!)).toMatchObject({ status: 200 });
  });

  it("that is no longer certain is a 503", async () => {
    const { app, presence } = await appUnderTest();
    const { etag } = await timed(app.request("/"));
    const waiting = poll(app, "/?wait=20s", etag!);
    presence.whyNotReady = { code: "unavailable", reason: "lost", retryAfterSeconds: 1 };
    const answered = await waiting;
    expect(answered.status).toBe(503);
    expect(answered.ms).toBeLessThan(EARLY_MS);
  });
});

describe("on a clock of the test's own", () => {
  function written(): { answer: Promise<Response>; clock: VirtualClock; change: (status: number) => void } {
    const clock = new VirtualClock();
    const listeners = new Set<() => void>();
    let status = 304;
    const poll = new LongPoll({
      clock,
      stopping: new AbortController().signal,
      onChange: (listener) => {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
    });
    const app = new Hono().get("/", (c) => poll.answer(c, () => new Response(null, { status })));
    const change = (next: number): void => {
      status = next;
      for (const listener of listeners) listener();
    };
    return { answer: Promise.resolve(app.request("/?wait=30s")), clock, change };
  }

  it("a change is answered 20 ms later, and what came in between is in it", async () => {
    const { answer, clock, change } = written();
    await clock.advance(400);
    change(500);
    await clock.advance(10);
    change(200);
    await clock.advance(10);
    expect((await answer).status).toBe(200);
  });

  it("the time is up after 30 s, whatever else changed", async () => {
    const { answer, clock, change } = written();
    let answered = false;
    void answer.then(() => (answered = true));
    for (let second = 0; second < 29; second++) {
      await clock.advance(1000);
      change(304);
    }
    expect(answered).toBe(false);
    await clock.advance(1000);
    expect((await answer).status).toBe(304);
  });
});
