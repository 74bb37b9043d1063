import type { ItemChange } from "./watched-kind-state.ts";

/** A change with its place in the log. */
export interface LoggedChange extends ItemChange {
  readonly sequence: number;
}

/**
 * The last changes, numbered from 1. Positions are written `<epoch>-<number>`: the epoch is this log's own, so that a position of
 * another daemon, or of this one before its restart, is not taken for one of ours.
 */
export class ChangeLog {
  readonly #epoch: string;
  readonly #limit: number;
  #changes: LoggedChange[] = [];
  #last = 0;

  /** @param limit how many changes are kept. */
  constructor(epoch: string, limit: number) {
    this.#epoch = epoch;
    this.#limit = limit;
  }

  /** The number of the last change; 0 before the first. */
  get last(): number {
    return this.#last;
  }

  append(changes: readonly ItemChange[]): void {
    for (const change of changes) this.#changes.push({ ...change, sequence: ++this.#last });
    // Now and then, so that appending stays cheap.
    if (this.#changes.length > 2 * this.#limit) this.#changes = this.#changes.slice(-this.#limit);
  }

  /** The changes after a position, at most so many; `undefined` where some of them are forgotten. */
  after(sequence: number, atMost: number): readonly LoggedChange[] | undefined {
    const first = this.#last - this.#changes.length;
    if (sequence < first || sequence > this.#last) return undefined;
    const start = sequence - first;
    return this.#changes.slice(start, start + atMost);
  }

  position(sequence: number): string {
    return `${this.#epoch}-${sequence}`;
  }

  /** The number in a position of this log; `undefined` for any other text. */
  sequenceOf(position: string): number | undefined {
    const digits = position.startsWith(`${this.#epoch}-`) ? position.slice(this.#epoch.length + 1) : "";
    return /^\d{1,15}$/.test(digits) ? Number(digits) : undefined;
  }
}
