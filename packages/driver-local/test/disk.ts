import { cpSync, existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { DriverContext } from "@org/discovery-core";
import type { TestBackend } from "@org/discovery-driver-conformance";
import { LocalDriver } from "../src/driver.ts";
import { LocalHub } from "../src/hub.ts";
import { makeFolder } from "./temporary-folder.ts";

const FILES = ["registry.db", "registry.db-wal"] as const;

/**
 * One hub on one SQLite file. Killing it takes the file away and keeps what the disk held at that moment, log and all, as
 * SIGKILL would leave it; a folder in the file's place keeps the drivers out until `start` puts that back.
 */
export class Disk implements TestBackend {
  readonly #folder = makeFolder();
  readonly #context: DriverContext;
  readonly #hub: LocalHub;
  readonly #drivers: LocalDriver[] = [];

  constructor(context: DriverContext) {
    this.#context = context;
    this.#hub = new LocalHub(this.#at("registry.db"), context.random);
  }

  connect(): LocalDriver {
    const driver = new LocalDriver(this.#hub, this.#context);
    this.#drivers.push(driver);
    return driver;
  }

  async kill(): Promise<void> {
    mkdirSync(this.#at("saved"), { recursive: true });
    mkdirSync(this.#at("gone"), { recursive: true });
    for (const file of FILES) {
      if (!existsSync(this.#at(file))) continue;
      cpSync(this.#at(file), this.#at("saved", file));
      renameSync(this.#at(file), this.#at("gone", file));
    }
    mkdirSync(this.#at("registry.db"));
  }

  async start(options: { readonly empty?: boolean } = {}): Promise<void> {
    rmSync(this.#at("registry.db"), { recursive: true });
    for (const file of FILES) {
      if (existsSync(this.#at("saved", file)) && options.empty !== true) {
        renameSync(this.#at("saved", file), this.#at(file));
      }
    }
    rmSync(this.#at("saved"), { recursive: true });
  }

  async close(): Promise<void> {
    // One that is still open (its `close` was broken on purpose) would make its folder again.
    for (const driver of this.#drivers) await driver.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #at(...names: string[]): string {
    return join(this.#folder, ...names);
  }
}
