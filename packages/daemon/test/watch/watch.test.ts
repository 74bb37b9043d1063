import { connect } from "node:net";
import { waitUntil } from "@org/discovery-test-servers";
import { describe, expect, it, onTestFinished } from "vitest";
import { host } from "../http/app-under-test.ts";
import { BY } from "../written-registry.ts";
import { watchServer } from "./watch-server.ts";

const pause = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));

describe("GET /v1/watch", () => {
  it("begins with a snapshot of everything, then tells what changes", async () => {
    const { registry, presence, watch, look } = await watchServer();
    presence.known = [host("a", "service:web")];
    await registry.addServer("p1");
    await registry.addService("http://one", { labels: { env: "prod" } });
    const client = await watch();
    const snapshot = await client.next();
    expect(snapshot).toMatchObject({
      event: "snapshot",
      data: {
        hosts: [{ hostname: "a", labels: ["service:web"], last_check: 1_700_000_000 }],
        namespaces: [{ name: "default", export: 1 }],
        servers: [{ name: "p1", state: "2" }],
        services: [{ endpoint: "http://one", servers: ["p1"], labels: { env: "prod" } }],
      },
    });
    await registry.addService("http://two");
    await look();
    const put = await client.next();
    expect(put).toMatchObject({
      event: "change",
      data: { kind: "services", op: "put", item: { endpoint: "http://two" } },
    });
    expect(put?.id).not.toBe(snapshot?.id);
    presence.known = [];
    await registry.registry.unregisterService({ service: "http://one" }, BY);
    await look();
    expect(await client.next()).toMatchObject({ data: { kind: "hosts", op: "delete", item: { hostname: "a" } } });
    const gone = { namespace: "default", id: expect.any(String) };
    expect((await client.next())?.data).toEqual({ kind: "services", op: "delete", item: gone });
  });

  it("tells which services a new server takes, and which are held", async () => {
    const { registry, watch, look, clock } = await watchServer();
    await registry.addServer("p1");
    for (const name of ["a", "b", "c"]) await registry.addService(`http://${name}`, { ttlSeconds: 10 });
    const client = await watch("?kinds=services");
    await client.next();
    await clock.advance(12_000);
    registry.leases.sweep();
    await look();
    for (const name of ["a", "b", "c"]) {
      expect(await client.next()).toMatchObject({ data: { item: { endpoint: `http://${name}`, status: "held" } } });
    }
    await registry.registry.drainServer("p1", BY);
    await look();
    expect(await client.next()).toMatchObject({ data: { op: "put", item: { servers: [], status: "held" } } });
  });

  it("shows what the filters let through; what no longer passes is gone", async () => {
    const { registry, presence, watch, look } = await watchServer();
    await registry.addServer("p1");
    for (const name of ["web", "db"]) await registry.registry.registerNamespace({ name }, BY);
    for (const namespace of ["web", "db"]) {
      await registry.addService("http://s", { namespace, labels: { env: "prod" } });
    }
    presence.known = [host("a", "env:prod"), host("b", "env:test")];
    const client = await watch("?kinds=hosts,services&kinds=namespaces&namespace=web&selector=env%3Dprod");
    expect((await client.next())?.data).toMatchObject({
      hosts: [{ hostname: "a" }],
      namespaces: [{ name: "web" }],
      services: [{ namespace: "web" }],
    });
    await registry.addService("http://s", { namespace: "db" });
    await registry.addService("http://s", { namespace: "web", labels: { env: "test" } });
    await look();
    expect((await client.next())?.data).toMatchObject({ kind: "services", op: "delete", item: { namespace: "web" } });
    await registry.addService("http://s", { namespace: "web", labels: { env: "prod" } });
    await look();
    expect((await client.next())?.data).toMatchObject({ kind: "services", op: "put", item: { namespace: "web" } });
  });

  it("a change that is none is not told: a host heard again, a service renewed", async () => {
    const { registry, presence, watch, look, clock } = await watchServer();
    await registry.addServer("p1");
    await registry.addService("http://a", { ttlSeconds: 60 });
    presence.known = [host("a")];
    const client = await watch();
    await client.next();
    presence.known = [{ ...host("a"), lastSeen: 1_800_000_000 }];
    registry.leases.renew([...registry.leases.keys()][0] ?? "");
    await look();
    const next = client.next();
    await clock.advance(15_000);
    expect(await next).toEqual({ comment: "keep-alive" });
  });

  it("is told to all who watch, even if it was found because another one came", async () => {
    const { registry, watch, clock } = await watchServer();
    const first = await watch("?kinds=servers");
    await first.next();
    await registry.addServer("p1");
    const second = await watch("?kinds=servers");
    expect(await second.next()).toMatchObject({ data: { servers: [{ name: "p1" }] } });
    const told = first.next();
    // Time stands still: nothing else than the newcomer has had it look.
    expect(clock.monotonic()).toBe(0);
    expect(await told).toMatchObject({ event: "change", data: { kind: "servers", item: { name: "p1" } } });
  });

  it("comments after every 15 s of silence", async () => {
    const { watch, clock } = await watchServer();
    const client = await watch();
    await client.next();
    for (let count = 0; count < 3; count++) {
      const next = client.next();
      await pause(20);
      await clock.advance(15_000);
      expect(await next).toEqual({ comment: "keep-alive" });
    }
  });
});

describe("resuming", () => {
  it("goes on after the last event, with what happened meanwhile", async () => {
    const { registry, watch } = await watchServer();
    await registry.addServer("p1");
    const first = await watch();
    const id = (await first.next())?.id;
    first.close();
    await registry.addService("http://a");
    await registry.addService("http://b");
    const second = await watch("", id);
    const a = await second.next();
    expect(a).toMatchObject({ event: "change", data: { item: { endpoint: "http://a" } } });
    expect(await second.next()).toMatchObject({ event: "change", data: { item: { endpoint: "http://b" } } });
    const third = await watch("", a?.id);
    expect(await third.next()).toMatchObject({ event: "change", data: { item: { endpoint: "http://b" } } });
  });

  it.each(["other-1", "", "x", "1"])("begins anew for an id that is not its own: %j", async (id) => {
    const { watch } = await watchServer();
    expect((await (await watch("", id)).next())?.event).toBe("snapshot");
  });

  it("begins anew on another daemon, and for a place that is yet to come", async () => {
    const one = await watchServer();
    const id = (await (await one.watch()).next())?.id ?? "";
    const other = await watchServer();
    expect((await (await other.watch("", id)).next())?.event).toBe("snapshot");
    expect((await (await one.watch("", `${id}999`)).next())?.event).toBe("snapshot");
  });
});

describe("what is refused", () => {
  it.each([
    ["?kinds=cats", 400, 'expected hosts, namespaces, servers, services, got "cats"'],
    ["?selector=a+in", 400, "selector"],
    ["?namespace=a+b", 400, "namespace"],
  ])("%s", async (query, status, text) => {
    const client = await (await watchServer()).watch(query);
    expect([client.status, await client.text()]).toEqual([status, expect.stringContaining(text)]);
  });

  it("whoever asks before the daemon is sure of what is asked for", async () => {
    const { registry, presence, watch } = await watchServer();
    registry.whyNotReady = { code: "unavailable", reason: "reading", retryAfterSeconds: 2 };
    expect((await watch()).status).toBe(503);
    expect((await watch("?kinds=hosts")).status).toBe(200);
    registry.whyNotReady = undefined;
    presence.whyNotReady = { code: "unavailable", reason: "listening", retryAfterSeconds: 2 };
    expect((await watch()).status).toBe(503);
    expect((await watch("?kinds=services")).status).toBe(200);
    presence.whyNotReady = { code: "unimplemented", reason: "does not listen" };
    expect((await (await watch()).next())?.data).not.toHaveProperty("hosts");
    expect((await watch("?kinds=hosts")).status).toBe(501);
  });

  it("more than 256 at a time, until some go", async () => {
    const { watch } = await watchServer();
    const clients = await Promise.all(Array.from({ length: 256 }, () => watch()));
    await Promise.all(clients.map((client) => client.next()));
    const refused = await watch();
    expect([refused.status, await refused.text()]).toEqual([503, expect.stringContaining("256 clients")]);
    clients[0]?.close();
    await waitUntil("there is room", async () => (await watch("?kinds=servers")).status === 200);
  });
});

describe("clients that are slow", () => {
  it("a half-read stream costs no memory, is cut off when it stalls, and others go on", async () => {
    const { registry, presence, watch, clock, look, port } = await watchServer();
    presence.known = Array.from({ length: 5000 }, (_, index) => host(`host-${index}`, "x".repeat(4000)));
    const socket = connect(port, "127.0.0.1");
    onTestFinished(() => void socket.destroy());
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.once("error", () => {});
    let received = 0;
    socket.once("data", (chunk) => {
      received += chunk.length;
      socket.pause();
    });
    socket.write("GET /v1/watch HTTP/1.1\r\nHost: x\r\n\r\n");
    await waitUntil("something came", () => received > 0);
    const healthy = await watch("?kinds=servers");
    await healthy.next();
    await pause(200);
    await clock.advance(31_000);
    socket.on("data", (chunk: Buffer) => (received += chunk.length));
    socket.resume();
    await closed;
    expect(received).toBeLessThan(19_000_000);
    await registry.addServer("p2");
    await look();
    await waitUntil("the change came", async () => (await healthy.next())?.event === "change");
  });

  it("one that goes is forgotten", async () => {
    const { watch, clock } = await watchServer();
    const before = clock.pending;
    const client = await watch();
    await client.next();
    expect(clock.pending).toBeGreaterThan(before);
    client.close();
    await waitUntil("no timer is left of it", () => clock.pending <= before);
  });
});

it("the daemon's stop ends every stream at once", async () => {
  const { watch, close } = await watchServer();
  const client = await watch();
  await client.next();
  const begun = performance.now();
  const end = client.next();
  await close();
  // One that is cut off would see a broken connection instead, and later.
  expect(await end).toBeUndefined();
  expect(performance.now() - begun).toBeLessThan(15_000);
});

it("a client that missed more than is remembered gets a new snapshot, in the same stream", async () => {
  const { presence, watch, look } = await watchServer();
  const client = await watch("?kinds=hosts");
  expect((await client.next())?.event).toBe("snapshot");
  presence.known = Array.from({ length: 30_000 }, (_, index) => host(`host-${index}`));
  await look();
  const next = await client.next();
  expect(next?.event).toBe("snapshot");
  expect(next?.data).toMatchObject({ hosts: { length: 30_000 } });
});
