import type { Cancel, Clock } from "@org/discovery-core";

/** A connection that can be asked whether somebody still answers on it. */
export interface Patient {
  ping(): Promise<unknown>;
  /** Bytes received so far: an answer behind a long one that is still coming in is not missing. */
  received(): number;
}

export interface PulseOptions {
  readonly clock: Clock;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  onAnswer(): void;
  /** The connection is dead; called once at most. */
  onSilence(thrown: unknown): void;
}

/**
 * Silence is counted in so many parts, one after the other. A process that stood still finds the timer of one of them due at
 * once, and reads what came meanwhile before the timer of the next.
 */
const PARTS = 4;

/** Pings `patient` an interval after each answer, and reports an answer that fails or stays away for `timeoutMs`. */
export function takePulse(patient: Patient, options: PulseOptions): Cancel {
  const { clock, intervalMs, timeoutMs } = options;
  let stopped = false;
  let cancelTimer: Cancel = () => {};
  const stop = (): void => {
    stopped = true;
    cancelTimer();
  };
  const fail = (thrown: unknown): void => {
    if (stopped) return;
    stop();
    options.onSilence(thrown);
  };
  const watchSilence = (parts = PARTS, before = patient.received()): void => {
    cancelTimer = clock.after(timeoutMs / PARTS, () => {
      if (patient.received() !== before) watchSilence();
      else if (parts === 1) fail(new Error(`no answer within ${timeoutMs} ms`));
      else watchSilence(parts - 1, before);
    });
  };
  const beat = (): void => {
    watchSilence();
    patient.ping().then(() => {
      if (stopped) return;
      cancelTimer();
      cancelTimer = clock.after(intervalMs, beat);
      options.onAnswer();
    }, fail);
  };
  cancelTimer = clock.after(intervalMs, beat);
  return stop;
}
