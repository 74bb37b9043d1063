import type { Cancel, Clock } from "@org/discovery-core";

/** The longest delay that `setTimeout` takes, in milliseconds; a longer one would fire at once. */
const MAX_DELAY_MS = 2 ** 31 - 1;

/** The machine's time. Its timers do not keep the process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: (delayMs, run) => {
    let cancel = arm(delayMs);
    return () => cancel();

    function arm(remainingMs: number): Cancel {
      const isLast = !(remainingMs > MAX_DELAY_MS);
      const next = isLast ? run : () => void (cancel = arm(remainingMs - MAX_DELAY_MS));
      const timer = setTimeout(next, isLast ? remainingMs : MAX_DELAY_MS);
      timer.unref();
      return () => clearTimeout(timer);
    }
  },
};
