/** Keeps the last `limit` bytes of what a process prints, so that a chatty one costs no memory. */
export class OutputTail {
  readonly #limit: number;
  #kept: Buffer = Buffer.alloc(0);
  #dropped = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(chunk: Buffer): void {
    const all = Buffer.concat([this.#kept, chunk.subarray(-this.#limit)]);
    const excess = Math.max(0, all.length - this.#limit);
    this.#dropped += excess + Math.max(0, chunk.length - this.#limit);
    this.#kept = Buffer.from(all.subarray(excess));
  }

  /** What was kept, as UTF-8; begins with a note where something was dropped. */
  text(): string {
    const kept = this.#kept.toString("utf8").trimEnd();
    return this.#dropped === 0 ? kept : `[${this.#dropped} bytes before] ${kept}`;
  }
}
