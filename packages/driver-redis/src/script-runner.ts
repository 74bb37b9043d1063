import { DiscoveryError } from "@org/discovery-core";
import type { Cursor } from "./cursor.ts";
import type { Keys } from "./keys.ts";
import { isAnswer } from "./redis-error.ts";
import { loadScripts, type Script, type ScriptName, type Scripts } from "./script.ts";
import type { Session } from "./session.ts";
import type { SessionKeeper } from "./session-keeper.ts";

export interface ScriptRunnerOptions {
  readonly keeper: SessionKeeper;
  readonly keys: Keys;
  readonly historyLimit: number;
  readonly waitReplicas: number;
  readonly waitTimeoutMs: number;
  /** A new one with each call. */
  readonly identifier: () => string;
}

export interface ScriptCall {
  /** What the caller has seen, by which the script recognises lost data. */
  readonly known: Cursor;
  readonly args: readonly string[];
}

/** Runs the scripts on the open session. */
export class ScriptRunner {
  readonly #options: ScriptRunnerOptions;
  readonly #scripts: Scripts;

  constructor(options: ScriptRunnerOptions) {
    this.#options = options;
    this.#scripts = loadScripts();
  }

  /** Resolves with the script's reply. Throws `unavailable` where nothing was sent, otherwise what the client threw. */
  read(name: ScriptName, call: ScriptCall): Promise<unknown> {
    return this.#judged((session) => evaluate(session, this.#scripts[name], this.#argumentsOf(call)));
  }

  /** As `read`; resolves only when as many replicas as configured have what the script wrote. */
  async write(name: ScriptName, call: ScriptCall): Promise<unknown> {
    const { waitReplicas } = this.#options;
    if (waitReplicas === 0) return this.read(name, call);
    return this.#judged((session) => this.#evaluateAndWait(session, this.#scripts[name], this.#argumentsOf(call)));
  }

  async #judged(run: (session: Session) => Promise<unknown>): Promise<unknown> {
    const session = this.#options.keeper.require();
    try {
      return await run(session);
    } catch (error) {
      session.judge(error);
      throw error;
    }
  }

  #argumentsOf({ known, args }: ScriptCall): string[] {
    const { keys, historyLimit, identifier } = this.#options;
    const { channel } = keys;
    return [
      ...["3", keys.meta, keys.entries, keys.changes, channel, String(historyLimit)],
      ...[known.epochId, String(known.revision), String(known.began), identifier()],
      ...args,
    ];
  }

  /**
   * The script and WAIT in one pipeline: one connection, so that WAIT speaks of this write, to the node that wrote it.
   * The script's text and not its hash: a server that did not know the hash would leave WAIT nothing to wait for.
   */
  async #evaluateAndWait(session: Session, { lua }: Script, args: string[]): Promise<unknown> {
    const { waitReplicas, waitTimeoutMs } = this.#options;
    const pipeline = session.commands.pipeline();
    pipeline.call("eval", [lua, ...args]);
    pipeline.wait(waitReplicas, waitTimeoutMs);
    const [written, waited] = (await pipeline.exec()) ?? [];
    if (written === undefined || waited === undefined) throw new Error("the pipeline was not answered");
    if (written[0] !== null) throw written[0];
    const confirmed = waited[0] === null ? Number(waited[1]) : 0;
    if (confirmed >= waitReplicas) return written[1];
    throw new DiscoveryError(
      "outcome_unknown",
      `written to the primary, but ${confirmed} of ${waitReplicas} replicas confirmed it within ${waitTimeoutMs} ms: a failover may lose it`,
    );
  }
}

async function evaluate({ commands }: Session, { lua, sha }: Script, args: string[]): Promise<unknown> {
  try {
    // The arguments as one array: a large store has more of them than a call may.
    return await commands.call("evalsha", [sha, ...args]);
  } catch (error) {
    if (!isAnswer(error) || !error.message.startsWith("NOSCRIPT")) throw error;
    return commands.call("eval", [lua, ...args]);
  }
}
