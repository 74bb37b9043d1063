import { randomIdentifier, type Driver, type DriverContext, type Link } from "@org/discovery-core";
import { RedisBus } from "./bus.ts";
import { createConnector } from "./connection.ts";
import { keysOf } from "./keys.ts";
import type { RedisOptions } from "./options.ts";
import { ScriptRunner } from "./script-runner.ts";
import { SessionKeeper } from "./session-keeper.ts";
import { RedisStore } from "./store.ts";
import { Subscriptions } from "./subscriptions.ts";
import { Watch } from "./watch.ts";

/** Bus and store over one Redis: a server, what sentinels name as the primary, or a cluster. */
export class RedisDriver implements Driver {
  readonly name = "redis";
  readonly bus: RedisBus;
  readonly store: RedisStore;
  readonly #keeper: SessionKeeper;
  readonly #watch: Watch;
  #started = false;

  constructor(options: RedisOptions, context: DriverContext) {
    const connector = createConnector(options);
    const subscriptions = new Subscriptions(context.log);
    const keys = keysOf(options.prefix);
    const { historyLimit, waitReplicas, waitTimeoutMs, linkTimeoutMs, pingIntervalMs } = options;
    const shared = { context, connector, subscriptions };
    const keeper = new SessionKeeper({ ...shared, probeKey: keys.meta, linkTimeoutMs, pingIntervalMs });
    const identifier = (): string => randomIdentifier(context.random);
    const scripts = new ScriptRunner({ keeper, keys, historyLimit, waitReplicas, waitTimeoutMs, identifier });
    this.#keeper = keeper;
    this.#watch = new Watch({ ...shared, keeper, scripts, channel: keys.channel });
    this.bus = new RedisBus(keeper, subscriptions, connector.address);
    this.store = new RedisStore(scripts, this.#watch, connector.address);
  }

  get link(): Link {
    return this.#keeper.link;
  }

  start(signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return Promise.reject(signal.reason as Error);
    const { closing } = this.#keeper;
    if (!closing.aborted && !this.#started) {
      this.#started = true;
      this.#watch.start();
      this.#keeper.run();
    }
    return this.#connected(signal === undefined ? closing : AbortSignal.any([signal, closing]));
  }

  async close(): Promise<void> {
    this.#watch.stop();
    await this.#keeper.close();
  }

  #connected(stop: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const abort = (): void => reject(stop.reason as Error);
      if (stop.aborted) return abort();
      if (this.#keeper.session !== undefined) return resolve();
      stop.addEventListener("abort", abort, { once: true });
      this.#keeper.onOpen(() => {
        stop.removeEventListener("abort", abort);
        resolve();
      });
    });
  }
}
