import { toError, type Log, type StoreObserver } from "@org/discovery-core";
import type { Cursor } from "./cursor.ts";
import { parseRead } from "./reply.ts";
import type { ScriptRunner } from "./script-runner.ts";

/** Changes asked for at once: enough to catch up quickly, and not so many that the server stands still for it. */
const BATCH = 500;

export interface FeedTools {
  readonly scripts: ScriptRunner;
  readonly log: Log;
}

/** Tells one observer everything that it has not been told yet, in order, each thing once. */
export class Feed {
  readonly #observer: StoreObserver;
  readonly #scripts: ScriptRunner;
  readonly #log: Log;
  #cursor: Cursor;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;
  #stopped = false;

  constructor(observer: StoreObserver, from: Cursor, { scripts, log }: FeedTools) {
    this.#observer = observer;
    this.#cursor = from;
    this.#scripts = scripts;
    this.#log = log;
  }

  get cursor(): Cursor {
    return this.#cursor;
  }

  stop(): void {
    this.#stopped = true;
  }

  /**
   * Resolves when the observer was told all that the backend had at the time of this call, or rejects where that cannot
   * be read. Any number of calls while one read is under way are answered by the one read after it.
   */
  refresh(): Promise<void> {
    if (this.#running === undefined) {
      this.#running = this.#catchUp().finally(() => {
        this.#running = undefined;
      });
      return this.#running;
    }
    this.#next ??= this.#running
      .catch(() => {})
      .then(() => {
        this.#next = undefined;
        return this.refresh();
      });
    return this.#next;
  }

  async #catchUp(): Promise<void> {
    while (!this.#stopped) {
      const args = [this.#cursor.mark, String(BATCH)];
      const result = parseRead(await this.#scripts.read("read", { known: this.#cursor, args }));
      if (this.#stopped) return;
      this.#cursor = result.cursor;
      this.#tell(result);
      if (result.changes.length < BATCH) return;
    }
  }

  #tell({ epoch, cursor, snapshot, changes }: ReturnType<typeof parseRead>): void {
    try {
      if (snapshot !== undefined) this.#observer.onSnapshot({ epoch, revision: cursor.revision, entries: snapshot });
      for (const change of changes) this.#observer.onChange(change);
    } catch (error) {
      this.#log.error({ err: toError(error) }, "a store observer failed, against its contract");
    }
  }
}
