import {
  checkStoreKey,
  checkStoreValue,
  DiscoveryError,
  type Cancel,
  type Epoch,
  type Revision,
  type Store,
  type StoreObserver,
  type StorePosition,
  type StoreSnapshot,
  type WriteOptions,
} from "@org/discovery-core";
import { writeError } from "./redis-error.ts";
import { parseWrite, type WriteResult } from "./reply.ts";
import type { ScriptName } from "./script.ts";
import type { ScriptRunner } from "./script-runner.ts";
import type { Watch } from "./watch.ts";

/** The registry in a hash and a stream; every operation is one script, and so one atomic step. */
export class RedisStore implements Store {
  readonly #scripts: ScriptRunner;
  readonly #watch: Watch;
  readonly #address: string;

  constructor(scripts: ScriptRunner, watch: Watch, address: string) {
    this.#scripts = scripts;
    this.#watch = watch;
    this.#address = address;
  }

  async put(key: string, value: string, options: WriteOptions = {}): Promise<Revision> {
    checkStoreKey(key);
    checkStoreValue(key, value);
    return this.#written(key, await this.#write("put", `store key ${key}`, [key, value, expected(options)]));
  }

  async delete(key: string, options: WriteOptions = {}): Promise<Revision> {
    checkStoreKey(key);
    return this.#written(key, await this.#write("delete", `store key ${key}`, [key, expected(options)]));
  }

  watch(observer: StoreObserver, seen?: StorePosition): Promise<Cancel> {
    return Promise.resolve(this.#watch.add(observer, seen));
  }

  async restore(replica: StoreSnapshot, lost: Epoch): Promise<Revision> {
    const args = [lost.id, String(replica.revision)];
    for (const [key, entry] of replica.entries) args.push(key, String(entry.revision), entry.value);
    const result = await this.#write("restore", "restored replica", args);
    if (result.kind === "written") return result.revision;
    throw new DiscoveryError("revision_conflict", `epoch ${lost.id}: not restored, another daemon was first`);
  }

  async wipe(): Promise<Revision> {
    return this.#written("", await this.#write("wipe", "wipe", []));
  }

  /** Sends a write, and lets this process's own observers see it before its caller hears of it. */
  async #write(name: ScriptName, what: string, args: readonly string[]): Promise<WriteResult> {
    try {
      const result = parseWrite(await this.#scripts.write(name, { known: this.#watch.cursor, args }));
      await this.#watch.refresh();
      return result;
    } catch (error) {
      throw writeError(this.#address, what, error);
    }
  }

  #written(key: string, result: WriteResult): Revision {
    if (result.kind === "written") return result.revision;
    if (result.kind === "missing") throw new DiscoveryError("not_found", `store key ${key}: there is no such key`);
    const found = result.revision === 0 ? "there is no such key" : `it has revision ${result.revision}`;
    throw new DiscoveryError("revision_conflict", `store key ${key}: not the expected revision, ${found}`);
  }
}

function expected({ ifRevision }: WriteOptions): string {
  return ifRevision === undefined ? "" : String(ifRevision);
}
