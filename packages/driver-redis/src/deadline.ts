import type { Clock } from "@org/discovery-core";

/** Settles as `work` does, or rejects with `late()` once `timeoutMs` have passed. */
export async function withDeadline<Result>(
  clock: Clock,
  work: Promise<Result>,
  { timeoutMs, late }: { readonly timeoutMs: number; readonly late: () => Error },
): Promise<Result> {
  const expired = Promise.withResolvers<never>();
  const cancel = clock.after(timeoutMs, () => expired.reject(late()));
  try {
    return await Promise.race([work, expired.promise]);
  } finally {
    cancel();
  }
}
