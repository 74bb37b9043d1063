import { backOffMs, type Cancel, type Clock, type Log, sleep, toError } from "@org/discovery-core";
import { RateLimitedLog } from "../presence/rate-limited-log.ts";
import type { StreamEvent } from "./event-stream.ts";
import type { ExporterMetrics } from "./exporter-metrics.ts";
import { followEvents } from "./follow-events.ts";
import type { ServerView, Source } from "./source.ts";
import { StreamedRegistry } from "./streamed-registry.ts";

export interface StreamSourceOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
  readonly exporterMetrics: Pick<ExporterMetrics, "watchEvents">;
  /** Of the daemon. */
  readonly url: string;
  /** What it asks for; `undefined`: nothing. */
  readonly token: string | undefined;
  readonly server: string;
}

const WATCH = "v1/watch?kinds=namespaces,servers,services";
const RETRY = { firstMs: 500, maxMs: 15_000 };
/** What belongs together may come in several pieces: for so long nothing is taken for gone, in milliseconds. */
const SETTLE_MS = 1000;
/** A daemon that is out of reach of its backend does not say when that is over; it is asked again after so many milliseconds. */
const ASK_AGAIN_MS = 5000;

/**
 * The registry from another daemon's event stream, so that this machine needs no way to the backend. After a lost connection it goes
 * on where it was. What was heard counts as doubtful while the connection is lost, while the daemon itself is out of reach of its
 * backend, and for a moment after the stream was resumed or the server became active, when the changes of its services follow.
 */
export class StreamSource implements Source {
  readonly #options: StreamSourceOptions;
  readonly #url: URL;
  readonly #registry: StreamedRegistry;
  readonly #listeners = new Set<() => void>();
  readonly #stopping = new AbortController();
  #following: Promise<void> | undefined;
  /** Ends the connection, to open another one at once. */
  #reopening = new AbortController();
  #cancelAsking: Cancel = () => {};
  #cancelSettling: Cancel | undefined;
  #lastEventId = "";
  #lost: string | undefined = "the daemon was not reached since the start";
  #isStale = false;
  #failures = 0;

  constructor(options: StreamSourceOptions) {
    const { url, server, clock, log } = options;
    const warnings = new RateLimitedLog(clock, log);
    this.#options = options;
    this.#url = new URL(WATCH, url.endsWith("/") ? url : `${url}/`);
    this.#registry = new StreamedRegistry({
      server,
      onRefused: (service, reason) => warnings.warn("refused", { service, reason }, "service left out"),
    });
  }

  async start(): Promise<void> {
    this.#following = this.#follow();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#following;
    this.#cancelAsking();
    this.#cancelSettling?.();
  }

  view(): ServerView | undefined {
    return this.#registry.view();
  }

  doubt(): string | undefined {
    if (this.#lost !== undefined) return this.#lost;
    if (this.#isStale) return "the daemon is out of reach of its backend";
    return this.#cancelSettling === undefined ? undefined : "changes may still be coming";
  }

  onChange(listener: () => void): Cancel {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async #follow(): Promise<void> {
    const { clock, random } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      this.#reopening = new AbortController();
      const reason = await this.#connect();
      if (signal.aborted) return;
      if (this.#reopening.signal.aborted) continue;
      this.#lose(reason);
      const delayMs = backOffMs({ ...RETRY, failures: this.#failures, random });
      await sleep(clock, delayMs, signal).catch(() => undefined);
    }
  }

  /** Why the connection is over. */
  async #connect(): Promise<string> {
    const { clock, token } = this.#options;
    try {
      await followEvents({
        clock,
        url: this.#url,
        token,
        lastEventId: this.#lastEventId,
        signal: AbortSignal.any([this.#stopping.signal, this.#reopening.signal]),
        onOpen: (answer) => this.#onOpen(answer),
        onEvent: (event) => this.#onEvent(event),
        onPosition: (lastEventId) => (this.#lastEventId = lastEventId),
      });
      return `${this.#url.origin}: the daemon ended the stream`;
    } catch (error) {
      return toError(error).message;
    } finally {
      this.#cancelAsking();
    }
  }

  #onOpen({ isStale }: { readonly isStale: boolean }): void {
    if (this.#lost !== undefined) this.#options.log.info({ url: this.#url.origin }, "following the daemon");
    if (isStale) this.#cancelAsking = this.#options.clock.after(ASK_AGAIN_MS, () => this.#reopening.abort());
    // Before the first snapshot there is nothing that could be doubted.
    if (this.#registry.view() !== undefined) this.#settle();
    this.#isStale = isStale;
    this.#lost = undefined;
    this.#tell();
  }

  #onEvent(event: StreamEvent): void {
    const before = this.#registry.view()?.state;
    const applied = this.#registry.apply(event);
    if (applied.kind === "other") return;
    if (applied.kind === "snapshot") this.#settled();
    if (applied.kind === "servers" && before !== "active" && this.#registry.view()?.state === "active") this.#settle();
    this.#count(applied);
    this.#tell();
  }

  #count(applied: ReturnType<StreamedRegistry["apply"]>): void {
    const { watchEvents } = this.#options.exporterMetrics;
    if (applied.kind === "services") watchEvents.inc({ op: applied.op });
    else if (applied.kind === "snapshot") watchEvents.inc({ op: "snapshot" });
  }

  #settle(): void {
    this.#cancelSettling?.();
    this.#cancelSettling = this.#options.clock.after(SETTLE_MS, () => {
      this.#settled();
      this.#tell();
    });
  }

  #settled(): void {
    this.#cancelSettling?.();
    this.#cancelSettling = undefined;
    this.#failures = 0;
  }

  #lose(reason: string): void {
    const isNews = this.#lost === undefined || this.#failures === 0;
    this.#failures += 1;
    this.#lost = reason;
    if (isNews) this.#options.log.warn({ reason }, "the daemon is lost; the files stay as they are, trying again");
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
