/** Stops what a call set going. Calling it again does nothing. */
export type Cancel = () => void;

/** Where time comes from. Everything in discovery asks a `Clock`, so that tests can own the time. */
export interface Clock {
  /** Wall time in Unix milliseconds. May jump; only for showing to people and for other machines. */
  now(): number;
  /** Milliseconds since an arbitrary origin that never run backwards. Liveness is judged by these alone. */
  monotonic(): number;
  /** Calls `run` once, `delayMs` from now. A pending timer does not keep the process alive. */
  after(delayMs: number, run: () => void): Cancel;
}

/** Calls `run` every `periodMs`, first one period from now, until cancelled. */
export function every(clock: Clock, periodMs: number, run: () => void): Cancel {
  let cancel: Cancel;
  const tick = (): void => {
    cancel = clock.after(periodMs, tick);
    run();
  };
  cancel = clock.after(periodMs, tick);
  return () => cancel();
}

/** Resolves after `delayMs`; rejects with the signal's reason if that aborts first. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(signal.reason as Error);
      return;
    }
    const abort = (): void => {
      cancel();
      reject(signal?.reason as Error);
    };
    const cancel = clock.after(delayMs, () => {
      signal?.removeEventListener("abort", abort);
      resolve();
    });
    signal?.addEventListener("abort", abort, { once: true });
  });
}
