const RUNS = 3;

/** Milliseconds that the fastest of three runs took: where the machine stalls in one of them, another tells the cost. */
export function fastestMs(run: () => void): number {
  const times = Array.from({ length: RUNS }, () => {
    const begun = performance.now();
    run();
    return performance.now() - begun;
  });
  return Math.min(...times);
}
