import { expect, test } from "vitest";
import { MemoryBackend } from "./memory-backend.ts";
import { BY, liveDaemon, type RegistryDaemon } from "./registry-fixture.ts";

const FUTURE = '{"v":2,"name":"n"}';

async function withNamespace(daemon: RegistryDaemon, ...hosts: readonly string[]): Promise<void> {
  await daemon.registry.registerServer({ name: "p" }, BY);
  await daemon.registry.registerNamespace({ name: "n" }, BY);
  for (const host of hosts) await register(daemon, host);
}

async function register({ registry }: RegistryDaemon, host: string): Promise<void> {
  await registry.registerService({ name: "s", endpoint: `http://${host}/`, namespace: "n" }, BY);
}

const stored = ({ catalog }: RegistryDaemon): string[] => catalog.storedIn("n").map(({ endpoint }) => endpoint);

test("registering a namespace whose record cannot be read fails, and takes none of its services", async () => {
  const backend = new MemoryBackend();
  const daemon = await liveDaemon({ backend });
  await withNamespace(daemon, "a", "b");
  backend.plant("namespace/n", FUTURE);
  await daemon.clock.advance(0);
  await expect(daemon.registry.registerNamespace({ name: "n" }, BY)).rejects.toMatchObject({
    code: "revision_conflict",
  });
  expect(stored(daemon)).toEqual(["http://a/", "http://b/"]);
  expect(backend.entries.get("namespace/n")?.value).toBe(FUTURE);
});

test("a service of a namespace that was registered again at once stays, however late the removal's answer comes", async () => {
  const backend = new MemoryBackend();
  const store = backend.connect();
  let answer = (): void => {};
  const isAnswered = new Promise<void>((resolve) => (answer = resolve));
  const remover = await liveDaemon({
    backend,
    store: {
      ...store,
      delete: async (key, options) => {
        const revision = await store.delete(key, options);
        if (key === "namespace/n") await isAnswered;
        return revision;
      },
    },
  });
  const other = await liveDaemon({ backend });
  await withNamespace(remover, "a");
  const removal = remover.registry.unregisterNamespace("n", BY);
  await remover.clock.advance(0);
  await other.registry.registerNamespace({ name: "n" }, BY);
  await register(other, "b");
  await remover.clock.advance(0);
  answer();
  await removal;
  expect(stored(remover)).toEqual(["http://b/"]);
  expect(stored(other)).toEqual(["http://b/"]);
});

test("what was left behind and is registered anew meanwhile, is not taken for left behind", async () => {
  const backend = new MemoryBackend();
  const store = backend.connect();
  let goOn = (): void => {};
  const isDelayed = new Promise<void>((resolve) => (goOn = resolve));
  const slow = await liveDaemon({
    backend,
    store: {
      ...store,
      delete: async (key, options) => {
        await isDelayed;
        return store.delete(key, options);
      },
    },
  });
  const other = await liveDaemon({ backend });
  await withNamespace(other, "a");
  const [key, left] = [...backend.entries].find(([key]) => key.startsWith("service/n/")) ?? ["", { value: "" }];
  await other.registry.unregisterNamespace("n", BY);
  backend.plant(key, left.value);
  await other.clock.advance(0);
  await slow.clock.advance(0);
  const registered = slow.registry.registerNamespace({ name: "n" }, BY);
  await other.registry.registerNamespace({ name: "n" }, BY);
  await register(other, "a");
  await slow.clock.advance(0);
  goOn();
  await registered;
  await other.clock.advance(0);
  expect(stored(other)).toEqual(["http://a/"]);
});

test("a removal that is cut off says in the history what is gone", async () => {
  const backend = new MemoryBackend();
  const daemon = await liveDaemon({ backend });
  await withNamespace(daemon, "a", "b", "c");
  const stuck = daemon.catalog.servicesAt("http://c/")[0]?.id ?? "";
  backend.refuses = (key) => key.includes(stuck);
  await expect(daemon.registry.unregisterNamespace("n", { actor: "ann", reason: "old" })).rejects.toMatchObject({
    code: "unavailable",
  });
  await daemon.audit.settled();
  expect(daemon.audit.history({ kind: "namespace" })[0]).toMatchObject({
    action: "removal cut off",
    name: "n",
    actor: "ann",
    reason: "old",
    detail: expect.stringMatching(/^2 services removed, then: refused service\/n\//) as string,
  });
});
