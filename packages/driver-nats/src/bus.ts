import { DiscoveryError, toError, type Bus, type Cancel, type Log, type MessageHandler } from "@org/discovery-core";
import type { Msg, Subscription } from "nats";
import type { Connection } from "./connection.ts";
import { textOf } from "./delivery.ts";
import type { Session } from "./session.ts";

const encoder = new TextEncoder();

interface Listening {
  readonly handlers: Set<{ readonly onMessage: MessageHandler }>;
  /** The session it is on, and what it is there. */
  session: Session | undefined;
  subscription: Subscription | undefined;
}

/** Core NATS: a channel is the subject of that name, kept by nobody. */
export class NatsBus implements Bus {
  readonly reach = "network";
  readonly #connection: Connection;
  readonly #log: Log;
  readonly #timeoutMs: number;
  readonly #channels = new Map<string, Listening>();

  constructor(connection: Connection, log: Log, timeoutMs: number) {
    this.#connection = connection;
    this.#log = log;
    this.#timeoutMs = timeoutMs;
    connection.onSession((session) => {
      for (const [channel, listening] of this.#channels) this.#subscribe(channel, listening, session);
    });
  }

  async publish(channel: string, message: string): Promise<void> {
    checkSubject(channel);
    const session = this.#connection.required();
    const data = encoder.encode(message);
    const most = session.nats.info?.max_payload ?? Number.POSITIVE_INFINITY;
    if (data.length > most) {
      throw new DiscoveryError(
        "invalid_argument",
        `message for channel "${channel}": expected at most ${most} bytes (the server's max_payload), got ${data.length}`,
      );
    }
    session.nats.publish(channel, data);
    await session.roundTrip(this.#timeoutMs);
    if (await session.refuses(channel)) {
      throw new DiscoveryError("permission_denied", `NATS does not let this user publish to "${channel}"`);
    }
  }

  async subscribe(channel: string, onMessage: MessageHandler): Promise<Cancel> {
    checkSubject(channel);
    const listening = this.#listening(channel);
    const handler = { onMessage };
    listening.handlers.add(handler);
    const session = this.#connection.latest;
    if (session !== undefined && listening.session !== session) this.#subscribe(channel, listening, session);
    // A connection lost meanwhile is no failure: the subscription is made on the next one.
    await this.#connection.current?.settle(this.#timeoutMs).catch(() => undefined);
    return () => this.#cancel(channel, listening, handler);
  }

  /** Drops every subscription. */
  close(): void {
    for (const { handlers } of this.#channels.values()) handlers.clear();
    this.#channels.clear();
  }

  #listening(channel: string): Listening {
    const existing = this.#channels.get(channel);
    if (existing !== undefined) return existing;
    const listening: Listening = { handlers: new Set(), session: undefined, subscription: undefined };
    this.#channels.set(channel, listening);
    return listening;
  }

  #subscribe(channel: string, listening: Listening, session: Session): void {
    const callback = (error: Error | null, message: Msg): void => {
      if (error === null) this.#deliver(channel, listening, textOf(message.data));
    };
    listening.session = session;
    listening.subscription = session.nats.subscribe(channel, { callback });
  }

  #deliver(channel: string, { handlers }: Listening, message: string): void {
    for (const { onMessage } of handlers) {
      try {
        onMessage(message);
      } catch (error) {
        this.#log.error({ channel, error: toError(error).message }, "a message handler threw");
      }
    }
  }

  #cancel(channel: string, listening: Listening, handler: { readonly onMessage: MessageHandler }): void {
    listening.handlers.delete(handler);
    if (listening.handlers.size > 0 || this.#channels.get(channel) !== listening) return;
    this.#channels.delete(channel);
    if (listening.session?.isOver === false) listening.subscription?.unsubscribe();
  }
}

/** Throws `invalid_argument` for what is no subject, or more than one. */
function checkSubject(channel: string): void {
  const tokens = channel.split(".");
  if (/[\s\u0000-\u001f]/.test(channel) || tokens.some((token) => ["", "*", ">"].includes(token))) {
    throw new DiscoveryError(
      "invalid_argument",
      `channel ${JSON.stringify(channel)}: expected a NATS subject: words with dots between, no white space, no wildcard`,
    );
  }
}
