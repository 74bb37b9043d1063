import type { Announcement, Cancel, Host, Presence } from "@org/discovery-core";
import type { NotReady } from "../http/not-ready.ts";
import type { PresenceView } from "../http/presence-view.ts";

export interface PresenceFacadeOptions {
  readonly presence: Presence;
  readonly local: () => Promise<Announcement>;
  readonly listen: boolean;
  readonly keepAliveMs: number;
}

/** Presence as the HTTP API sees it. */
export class PresenceFacade implements PresenceView {
  readonly #options: PresenceFacadeOptions;

  constructor(options: PresenceFacadeOptions) {
    this.#options = options;
  }

  notReady(): NotReady | undefined {
    const { presence, listen, keepAliveMs } = this.#options;
    const reason = presence.notReady();
    if (reason === undefined) return undefined;
    if (!listen) return { code: "unimplemented", reason };
    return { code: "unavailable", reason, retryAfterSeconds: Math.ceil(keepAliveMs / 1000) };
  }

  staleSeconds(): number | undefined {
    return this.#options.presence.staleSeconds();
  }

  hosts(): readonly Host[] {
    return this.#options.presence.hosts();
  }

  exported(): readonly Host[] {
    return this.#options.presence.exported();
  }

  onChange(listener: () => void): Cancel {
    return this.#options.presence.onChange(listener);
  }

  held(): number {
    return this.#options.presence.held;
  }

  acceptLoss(): number {
    return this.#options.presence.acceptLoss();
  }

  self(): Promise<Announcement> {
    return this.#options.local();
  }

  announce(): Promise<void> {
    return this.#options.presence.announce();
  }
}
