import { backOffMs, type Cancel, type Clock, every, type Log, toError } from "@org/discovery-core";
import { RateLimitedLog } from "../presence/rate-limited-log.ts";
import type { DirectoryLock } from "./directory-lock.ts";
import type { ExporterMetrics } from "./exporter-metrics.ts";
import type { ServerView, Source } from "./source.ts";
import type { PassResult, TargetFolder } from "./target-folder.ts";
import { TargetListRenderer, type TargetLists } from "./target-lists.ts";

export interface ExporterOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
  readonly metrics: ExporterMetrics;
  readonly source: Source;
  readonly folder: TargetFolder;
  readonly lock: DirectoryLock;
  /** Name of the server whose lists these are. */
  readonly server: string;
  readonly resyncMs: number;
}

/** Least time from one pass over the files to the next, in milliseconds: a burst of changes is written a few times, not each. */
const GAP_MS = 100;
const RETRY = { firstMs: 500, maxMs: 10_000 };

/**
 * Keeps the files of one server as the source has it.
 *
 * It starts out waiting: until the source is certain and the server active, the files stay as they are. From then on it writes within
 * `GAP_MS` of a change. When the source is in doubt, nothing is removed or emptied; when the server is no longer active, nothing is
 * written at all. What the file system refuses is tried again, with back-off, and meanwhile the old files stay.
 */
export class Exporter {
  readonly #options: ExporterOptions;
  readonly #renderer = new TargetListRenderer();
  readonly #warnings: RateLimitedLog;
  #cancels: Cancel[] = [];
  #cancelNext: Cancel | undefined;
  #running: Promise<void> | undefined;
  #isDue = false;
  #isResync = false;
  #isStopped = false;
  /** Monotonic milliseconds before which no pass begins. */
  #earliest = 0;
  #failures = 0;
  #waiting: string | undefined = "nothing was written yet";
  #told: string | undefined;

  constructor(options: ExporterOptions) {
    this.#options = options;
    this.#warnings = new RateLimitedLog(options.clock, options.log);
  }

  /** Why the files may not say what they shall; `undefined` while they do. */
  get waiting(): string | undefined {
    return this.#waiting;
  }

  start(): void {
    const { clock, source, resyncMs } = this.#options;
    this.#cancels.push(source.onChange(() => this.#request()));
    this.#cancels.push(every(clock, resyncMs, () => this.#request(true)));
    this.#request();
  }

  /** Finishes the pass under way. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const cancel of this.#cancels) cancel();
    this.#cancelNext?.();
    await this.settled();
  }

  /** Resolves when the pass under way, if there is one, is done. */
  async settled(): Promise<void> {
    await this.#running;
  }

  #request(isResync = false): void {
    this.#isDue = true;
    this.#isResync ||= isResync;
    this.#schedule();
  }

  #schedule(): void {
    if (!this.#isDue || this.#isStopped || this.#running !== undefined || this.#cancelNext !== undefined) return;
    const { clock } = this.#options;
    const delayMs = Math.max(0, this.#earliest - clock.monotonic());
    this.#cancelNext = clock.after(delayMs, () => {
      this.#cancelNext = undefined;
      this.#isDue = false;
      this.#running = this.#pass().finally(() => {
        this.#running = undefined;
        this.#schedule();
      });
    });
  }

  /** Never throws. */
  async #pass(): Promise<void> {
    const { clock, source, metrics, server } = this.#options;
    const view = source.view();
    const doubt = source.doubt();
    metrics.sourceUp.set(doubt === undefined ? 1 : 0);
    metrics.serverActive.set(view?.state === "active" ? 1 : 0);
    this.#earliest = clock.monotonic() + GAP_MS;
    if (view?.state === "active") await this.#write(view, doubt === undefined);
    else if (view === undefined) this.#wait(doubt ?? "the source is silent");
    else this.#wait(`server ${JSON.stringify(server)} is ${view.state ?? "not registered"}`);
  }

  #wait(reason: string): void {
    this.#waiting = reason;
    if (this.#told !== reason) this.#options.log.info({ reason }, "the files stay as they are");
    this.#told = reason;
  }

  async #write(view: ServerView, isSure: boolean): Promise<void> {
    const { folder, lock, clock, metrics } = this.#options;
    const isResync = this.#isResync;
    try {
      if (!lock.acquire()) throw new Error(`another exporter writes to this directory (it holds ${lock.path})`);
      const lists = this.#renderer.render(view);
      this.#warn(lists);
      const result = await folder.apply(lists.files, { isResync, isSure });
      this.#count(result);
      const [failure] = result.failures;
      if (failure !== undefined) throw failure;
    } catch (error) {
      this.#fail(toError(error));
      return;
    }
    // One that could only add was not a whole one.
    if (isSure) this.#isResync &&= !isResync;
    if (this.#failures > 0) this.#options.log.info({}, "files can be written again");
    this.#failures = 0;
    this.#waiting = undefined;
    this.#told = undefined;
    metrics.lastSync.set(clock.now() / 1000);
  }

  #fail(error: Error): void {
    const { clock, log, metrics, random } = this.#options;
    metrics.failures.inc();
    if (this.#failures === 0) log.error({ err: error }, "files can't be written; the old ones stay, trying again");
    this.#waiting = error.message;
    this.#earliest = clock.monotonic() + backOffMs({ ...RETRY, failures: ++this.#failures, random });
    this.#isDue = true;
  }

  #count({ written, removed }: PassResult): void {
    const { metrics, folder, log } = this.#options;
    metrics.files.set(folder.size);
    metrics.written.inc(written);
    metrics.removed.inc(removed);
    if (written + removed > 0) log.info({ written, removed }, "files brought up to date");
  }

  #warn({ omissions, refused }: TargetLists): void {
    for (const { namespace, id, label, reason } of omissions.slice(0, 1)) {
      this.#warnings.warn("omission", { namespace, id, label, reason, all: omissions.length }, "label left out");
    }
    for (const { namespace, name, id } of refused.slice(0, 1)) {
      const fields = { namespace, name, id, all: refused.length };
      this.#warnings.warn("refused", fields, "service left out: its names make no file name");
    }
  }
}
