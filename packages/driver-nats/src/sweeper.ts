import { DiscoveryError, every, isDiscoveryError, toError, type Cancel } from "@org/discovery-core";
import type { Copy } from "./mirror.ts";
import type { StoreParts } from "./store-parts.ts";

const HOUR_MS = 3_600_000;
const NANOSECONDS = 1_000_000n;

/**
 * Forgets old deletions, each of which leaves a message behind; without it, a bucket whose keys come and go would only grow. A message in
 * the stream says up to where, so that every copy forgets the same ones, and nobody takes their absence for a loss.
 */
export class Sweeper {
  readonly #parts: StoreParts;
  readonly #keptMs: number;
  readonly #cancel: Cancel;

  /** @param keptMs how long deletions are remembered. */
  constructor(parts: StoreParts, keptMs: number) {
    this.#parts = parts;
    this.#keptMs = keptMs;
    this.#cancel = every(parts.context.clock, Math.min(HOUR_MS, keptMs), () => void this.#run());
  }

  close(): void {
    this.#cancel();
  }

  async #run(): Promise<void> {
    const { connection, context, mirror } = this.#parts;
    if (connection.current === undefined) return;
    try {
      await this.#sweep(await mirror.live(0));
    } catch (error) {
      // The next run, or another daemon, does it.
      if (isDiscoveryError(error)) return;
      context.log.warn({ error: toError(error).message }, "old deletions were not forgotten");
    }
  }

  async #sweep({ state, api }: Copy): Promise<void> {
    const { bucket, context, lane } = this.#parts;
    const before = BigInt(context.clock.now() - this.#keptMs) * NANOSECONDS;
    const old = state.deletions.filter(([, { time }]) => time < before);
    if (old.length === 0) return;
    const below = old.reduce((most, [, { sequence }]) => Math.max(most, sequence), 0) + 1;
    const { sweptAt } = state;
    await lane.run({
      key: undefined,
      forbidden: (now) =>
        now.sweptAt === sweptAt ? undefined : new DiscoveryError("revision_conflict", "somebody swept"),
      write: () => ({ subject: bucket.swept, text: String(below) }),
    });
    for (const [key] of old) await api.purge(bucket.entry(key), below);
    context.log.info({ deletions: old.length }, "forgot old deletions");
  }
}
