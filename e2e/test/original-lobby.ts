import { onTestFinished } from "vitest";
import { lobbyPacket } from "./redis.ts";
import type { Wire } from "./wire.ts";

export interface OriginalLobbyOptions {
  readonly hostname: string;
  readonly labels?: readonly string[];
  readonly keepAliveMs: number;
  readonly ttlMs: number;
}

/**
 * The original daemon as it looks from the wire: it says `hi` at every keep-alive with its labels sorted, `goodbye` at its end,
 * takes whatever says `hi`, drops what says `goodbye` or nothing for a TTL, ignores members that it does not know, and logs
 * what it does not understand. It hears the main channel and no other.
 */
export class OriginalLobby {
  /** What the original would log: messages that it did not understand, and those that it could not send. */
  readonly complaints: string[] = [];
  /** Who said goodbye to it, in that order. */
  readonly goodbyes: string[] = [];
  labels: readonly string[];
  readonly #wire: Wire;
  readonly #options: OriginalLobbyOptions;
  readonly #known = new Map<string, { readonly labels: readonly string[]; readonly heardAt: number }>();
  #timer: NodeJS.Timeout | undefined;

  private constructor(wire: Wire, options: OriginalLobbyOptions) {
    this.#wire = wire;
    this.#options = options;
    this.labels = options.labels ?? [];
  }

  static async start(wire: Wire, options: OriginalLobbyOptions): Promise<OriginalLobby> {
    const lobby = new OriginalLobby(wire, options);
    await wire.subscribe(wire.channel, (message) => lobby.#hear(message));
    await lobby.announce();
    const keepAlive = (): Promise<void> =>
      lobby.announce().catch((error: unknown) => void lobby.complaints.push(`unsent: ${String(error)}`));
    lobby.#timer = setInterval(() => void keepAlive(), options.keepAliveMs);
    onTestFinished(() => lobby.crash());
    return lobby;
  }

  /** `hostname label,label` of everybody it knows, sorted. */
  get hosts(): string[] {
    const oldest = performance.now() - this.#options.ttlMs;
    return [...this.#known]
      .filter(([, { heardAt }]) => heardAt > oldest)
      .map(([hostname, { labels }]) => `${hostname} ${labels.join()}`)
      .toSorted();
  }

  /** Says `hi`; the original does so at each keep-alive and when its labels change. */
  announce(): Promise<void> {
    return this.#say("hi");
  }

  /** As on SIGTERM. */
  async leave(): Promise<void> {
    this.crash();
    await this.#say("goodbye");
  }

  /** As on SIGKILL. It hears on, so that a test can see what it would have seen. */
  crash(): void {
    clearInterval(this.#timer);
  }

  #say(message: string): Promise<void> {
    const text = lobbyPacket(this.#options.hostname, this.labels.toSorted(), message);
    return this.#wire.publish(this.#wire.channel, text);
  }

  #forget(hostname: string): void {
    this.goodbyes.push(hostname);
    this.#known.delete(hostname);
  }

  #hear(text: string): void {
    const packet = decode(text);
    if (packet === undefined) this.complaints.push(`unmarshal: ${text}`);
    else if (packet.message === "goodbye") this.#forget(packet.hostname);
    else if (packet.message !== "hi") this.complaints.push(`incompatible message: ${text}`);
    else this.#known.set(packet.hostname, { labels: packet.labels, heardAt: performance.now() });
  }
}

interface Decoded {
  readonly hostname: string;
  readonly labels: readonly string[];
  readonly message: string;
}

/** As Go's encoding/json does it: unknown members are ignored, missing ones are empty, a member of another type is an error. */
function decode(text: string): Decoded | undefined {
  try {
    const { discovery = {}, message = "" } = JSON.parse(text) as { discovery?: Partial<Decoded>; message?: string };
    const { hostname = "", labels } = discovery;
    const list = labels ?? [];
    const isList = Array.isArray(list) && list.every((label) => typeof label === "string");
    if (typeof hostname !== "string" || typeof message !== "string" || !isList) return undefined;
    return { hostname, labels: list, message };
  } catch {
    return undefined;
  }
}
