import { setTimeout as pause } from "node:timers/promises";

const STEP_MS = 15;
/** The most that one look counts. It takes longer only where somebody stood still: this process, or one that it asked. */
const LONGEST_LOOK_MS = 200;

/**
 * Resolves once `condition` holds; rejects with what was awaited after `timeoutMs`. Time in which the machine let nobody run
 * does not count, and the condition has the last word.
 */
export async function waitUntil(
  what: string,
  condition: () => boolean | Promise<boolean>,
  timeoutMs = 20_000,
): Promise<void> {
  for (let waited = 0; ;) {
    const begun = performance.now();
    if (await condition()) return;
    if (waited >= timeoutMs) throw new Error(`waited ${timeoutMs} ms in vain until ${what}`);
    await pause(STEP_MS);
    waited += Math.min(performance.now() - begun, LONGEST_LOOK_MS);
  }
}
