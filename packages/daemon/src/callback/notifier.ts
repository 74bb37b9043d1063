import type { Clock, HostChange } from "@org/discovery-core";
import type { KnownHost } from "../http/presence-view.ts";
import { RunSchedule, type RunRule } from "./run-schedule.ts";
import { Untold } from "./untold.ts";

export interface NotifierOptions {
  readonly clock: Clock;
  readonly rule: RunRule;
  /** As `Untold` wants it. */
  readonly hosts: () => readonly KnownHost[];
  /**
   * Tells the receiver the latest news, marks it told or failed, and resolves when that is over, for now. Ends early on the signal.
   */
  readonly tell: (untold: Untold, abort: AbortSignal) => Promise<void>;
}

/** Tells one receiver about the known hosts. When is `RunSchedule`'s matter, what is `Untold`'s, how is the receiver's. */
export class Notifier {
  readonly #untold: Untold;
  readonly #schedule: RunSchedule;
  readonly #abort = new AbortController();

  constructor({ clock, rule, hosts, tell }: NotifierOptions) {
    const untold = new Untold(hosts);
    this.#untold = untold;
    this.#schedule = new RunSchedule(clock, rule, () =>
      untold.isEmpty ? undefined : tell(untold, this.#abort.signal),
    );
    // Hosts that are remembered from before the start are news, too.
    if (!untold.isEmpty) this.#schedule.changed();
  }

  /** A host joined, changed, left or expired. */
  changed(change: HostChange): void {
    this.#untold.note(change);
    this.#schedule.changed();
  }

  /** Ends what is under way and waits for its end; starts nothing more. Idempotent. */
  async close(): Promise<void> {
    this.#abort.abort();
    await this.#schedule.close();
  }
}
