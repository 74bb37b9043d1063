import type { Log, Omission } from "@org/discovery-core";

/** Most omissions remembered; beyond that all are forgotten and may be told once more. */
const MAX_REMEMBERED = 10_000;

/** Warns about what could not be rendered: once for each label or host, not once for each request. */
export class OmissionLog {
  readonly #log: Log;
  readonly #told = new Set<string>();

  constructor(log: Log) {
    this.#log = log;
  }

  report(omissions: readonly Omission[]): void {
    for (const omission of omissions) {
      const key = JSON.stringify([omission.hostname, omission.label, omission.reason]);
      if (this.#told.has(key)) continue;
      if (this.#told.size >= MAX_REMEMBERED) this.#told.clear();
      this.#told.add(key);
      this.#log.warn({ ...omission }, "left out of the target groups");
    }
  }
}
