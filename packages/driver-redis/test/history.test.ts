import { startRedis, waitUntil, type RedisServer } from "@org/discovery-test-servers";
import fc from "fast-check";
import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RedisDriver } from "../src/driver.ts";
import { connectTo } from "./connect.ts";
import { Recorder } from "./recorder.ts";

let redis: RedisServer;
let client: Redis;

beforeAll(async () => {
  redis = await startRedis();
  client = new Redis(redis.url);
});

afterAll(async () => {
  client.disconnect();
  await redis.stop();
});

const who = fc.constantFrom("first", "second");
const key = fc.constantFrom("a", "b", "c");
const keys = fc.array(key, { minLength: 1, maxLength: 8 });
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ act: fc.constant("put"), who, key }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constant("delete"), who, key }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constant("burst"), keys }) },
  { weight: 3, arbitrary: fc.record({ act: fc.constant("rewind"), keys }) },
  { weight: 3, arbitrary: fc.record({ act: fc.constant("backup") }) },
  fc.record({ act: fc.constant("wipe"), who }),
  fc.record({ act: fc.constant("flush") }),
  fc.record({ act: fc.constant("restore"), who }),
);

test("whatever is written, wiped, lost or put back, every watcher ends where a new one begins", async () => {
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), fc.integer({ min: 1, max: 6 }), async (steps, historyLimit) => {
      const scene = await Scene.open(`run${run++}`, historyLimit);
      for (const one of steps) await scene.perform(one);
      await scene.agree();
      await scene.close();
    }),
    { numRuns: 60, endOnFailure: true },
  );
}, 240_000);

interface Step {
  readonly act: string;
  readonly who?: string;
  readonly key?: string;
  readonly keys?: readonly string[];
}

/** Two daemons that watch, and a stranger that writes without having seen anything. */
class Scene {
  readonly first = new Recorder();
  readonly second = new Recorder();
  readonly #prefix: string;
  readonly #drivers: Readonly<Record<"first" | "second" | "stranger", RedisDriver>>;
  #value = 0;

  private constructor(prefix: string, historyLimit: number) {
    const connect = (): RedisDriver => connectTo({ url: redis.url, prefix, historyLimit });
    this.#prefix = prefix;
    this.#drivers = { first: connect(), second: connect(), stranger: connect() };
  }

  static async open(prefix: string, historyLimit: number): Promise<Scene> {
    const scene = new Scene(prefix, historyLimit);
    await Promise.all(Object.values(scene.#drivers).map((driver) => driver.start()));
    await scene.#drivers.first.store.watch(scene.first);
    await scene.#drivers.second.store.watch(scene.second);
    await waitUntil("both watch", () => scene.first.last !== undefined && scene.second.last !== undefined);
    return scene;
  }

  async close(): Promise<void> {
    await Promise.all(Object.values(this.#drivers).map((driver) => driver.close()));
  }

  async perform({ act, who: name = "", key: one = "", keys: many = [] }: Step): Promise<void> {
    const self = name === "first" ? "first" : "second";
    const { store } = this.#drivers[self];
    const attempts: Readonly<Record<string, () => Promise<unknown>>> = {
      put: () => store.put(one, this.#next()),
      delete: () => store.delete(one),
      burst: () => this.#burst(many),
      // Nobody is told of this, so that what the stranger writes next is there before the watchers look.
      rewind: async () => {
        await this.#copy("saved:", "");
        await this.#burst(many);
      },
      backup: () => this.#copy("", "saved:"),
      wipe: () => store.wipe(),
      flush: () => client.del(this.#keys("")),
      restore: async () => {
        const { last } = this[self];
        if (last !== undefined) await store.restore(this[self].replica(), last.epoch);
      },
    };
    await attempts[act]?.().catch((error: { readonly code?: string }) => {
      if (error.code !== "not_found" && error.code !== "revision_conflict") throw error;
    });
  }

  /** Waits until every watcher has seen one more write, and compares them with one that begins now. */
  async agree(): Promise<void> {
    const last = await this.#drivers.first.store.put("last", "one");
    const fresh = new Recorder();
    await this.#drivers.second.store.watch(fresh);
    const all = [this.first, this.second, fresh];
    await waitUntil("all have seen the last write", () =>
      all.every((recorder) => recorder.values.has("last") && recorder.revision === last),
    );
    for (const recorder of all) {
      expect(recorder.disorder).toEqual([]);
      expect(recorder.replica()).toEqual(fresh.replica());
    }
  }

  #burst(many: readonly string[]): Promise<unknown> {
    return Promise.all(many.map((one) => this.#drivers.stranger.store.put(one, this.#next())));
  }

  /** In one step, as a server that comes back with other data. */
  #copy(from: string, to: string): Promise<unknown> {
    const lua = "for i = 1, 3 do redis.call('DEL', KEYS[i]); redis.call('COPY', KEYS[i + 3], KEYS[i]) end";
    return client.eval(lua, 6, ...this.#keys(to), ...this.#keys(from));
  }

  #keys(kind: string): string[] {
    return ["meta", "entries", "changes"].map((name) => `{${this.#prefix}}:${kind}${name}`);
  }

  #next(): string {
    return `value ${this.#value++}`;
  }
}
