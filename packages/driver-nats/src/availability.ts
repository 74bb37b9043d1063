import { DiscoveryError, isDiscoveryError, type Cancel, type DriverContext } from "@org/discovery-core";

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Whether the registry is reachable, and those who wait until it is. */
export class Availability {
  readonly #context: DriverContext;
  readonly #waiters = new Set<Waiter>();
  #isClosed = false;
  #failure: DiscoveryError | undefined = new DiscoveryError("unavailable", "the registry's bucket was not reached yet");

  constructor(context: DriverContext) {
    this.#context = context;
  }

  get isLive(): boolean {
    return this.#failure === undefined;
  }

  /** The reason why not, where it is one that does not pass. */
  get #final(): DiscoveryError | undefined {
    return this.#isClosed || isDiscoveryError(this.#failure, "unimplemented") ? this.#failure : undefined;
  }

  /** Throws `unimplemented` where the server is known to keep nothing. */
  throwIfNever(): void {
    if (isDiscoveryError(this.#failure, "unimplemented")) throw this.#failure;
  }

  live(): void {
    if (this.#failure === undefined) return;
    this.#failure = undefined;
    for (const { resolve } of this.#waiters) resolve();
  }

  /** Each new reason is logged once. */
  lost(failure: DiscoveryError): void {
    const isNew = failure.message !== this.#failure?.message;
    if (isNew) this.#context.log.warn({ error: failure.message }, "registry out of reach");
    this.#failure = failure;
    if (failure.code === "unimplemented") for (const { reject } of this.#waiters) reject(failure);
  }

  /** Resolves when it is live. Fails with the reason why not when the time is up, or at once with `unimplemented` or when closed. */
  wait(timeoutMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.isLive) {
        resolve();
        return;
      }
      if (this.#final !== undefined) {
        reject(this.#final);
        return;
      }
      let cancel: Cancel = () => undefined;
      const done = (): void => {
        cancel();
        this.#waiters.delete(waiter);
      };
      const waiter: Waiter = {
        resolve: () => {
          done();
          resolve();
        },
        reject: (error) => {
          done();
          reject(error);
        },
      };
      this.#waiters.add(waiter);
      cancel = this.#context.clock.after(timeoutMs, () => waiter.reject(this.#failure ?? new Error("live")));
    });
  }

  close(failure: DiscoveryError): void {
    this.#isClosed = true;
    this.#failure = failure;
    for (const { reject } of this.#waiters) reject(failure);
  }
}
