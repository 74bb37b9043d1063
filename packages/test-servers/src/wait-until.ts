import { setTimeout as pause } from "node:timers/promises";

const STEP_MS = 15;

/** Resolves once `condition` holds; rejects with what was awaited after `timeoutMs`. */
export async function waitUntil(
  what: string,
  condition: () => boolean | Promise<boolean>,
  timeoutMs = 10_000,
): Promise<void> {
  const end = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`waited ${timeoutMs} ms in vain until ${what}`);
    await pause(STEP_MS);
  }
}
