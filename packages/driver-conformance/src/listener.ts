import type { Bus, Cancel } from "@org/discovery-core";

/** A subscription that remembers what it heard. */
export class Listener {
  readonly heard: string[] = [];
  #cancel: Cancel | undefined;

  static async on(bus: Bus, channel: string): Promise<Listener> {
    const listener = new Listener();
    listener.#cancel = await bus.subscribe(channel, (message) => void listener.heard.push(message));
    return listener;
  }

  cancel(): void {
    this.#cancel?.();
  }
}
