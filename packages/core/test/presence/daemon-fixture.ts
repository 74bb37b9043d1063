import {
  Presence,
  type PresenceOptions,
  type FleetRecord,
  type PresenceObserver,
  type PresenceSource,
  sleep,
  type VirtualClock,
} from "../../src/index.ts";

export const KEEP_ALIVE_MS = 5000;
export const TTL_MS = 30_000;

class RecordingObserver implements PresenceObserver {
  readonly counts = new Map<string, number>();
  readonly duplicates: { hostname: string; own: boolean }[] = [];

  received(_source: string, result: string): void {
    this.#count(`received ${result}`);
  }

  sent(_source: string, kind: string, error?: Error): void {
    this.#count(error === undefined ? `sent ${kind}` : `failed ${kind}`);
  }

  unproven(_source: string, reason: string, dropped: boolean): void {
    this.#count(`${dropped ? "dropped" : "accepted"} ${reason}`);
  }

  duplicate(hostname: string, own: boolean): void {
    this.duplicates.push({ hostname, own });
  }

  held(hosts: number): void {
    this.#count(`held ${hosts}`);
  }

  announcementFailed(): void {
    this.#count("announcement failed");
  }

  #count(key: string): void {
    this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
  }
}

/** A deterministic stand-in for `Math.random` (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export interface DaemonSettings extends Partial<
  Pick<PresenceOptions, "guard" | "lingerMs" | "listsOf" | "signing" | "packets">
> {
  readonly hostname: string;
  readonly labels?: string[];
  readonly seed?: number;
  readonly register?: boolean;
  readonly listen?: boolean;
  readonly saved?: readonly FleetRecord[];
  readonly ttlMs?: number;
  /** How long it takes to read the labels. Default: no time. */
  readonly slowMs?: number;
}

/** One daemon's presence; `local` may be changed while it runs. */
export function daemon(clock: VirtualClock, sources: readonly PresenceSource[], settings: DaemonSettings) {
  const local = { hostname: settings.hostname, labels: settings.labels ?? [] };
  const observer = new RecordingObserver();
  const { hostname: _hostname, labels: _labels, seed: _seed, slowMs = 0, ...rest } = settings;
  const presence = new Presence({
    ...rest,
    clock,
    random: seededRandom(settings.seed ?? settings.hostname.length * 7919 + (settings.hostname.codePointAt(0) ?? 0)),
    sources,
    observer,
    local: async () => {
      if (slowMs > 0) await sleep(clock, slowMs);
      return { ...local };
    },
    keepAliveMs: KEEP_ALIVE_MS,
    ttlMs: settings.ttlMs ?? TTL_MS,
    cleanEveryMs: 1000,
    register: settings.register ?? true,
    listen: settings.listen ?? true,
  });
  const names = (): string[] => presence.hosts().map((host) => host.hostname);
  const labelsOf = (hostname: string): readonly string[] | undefined =>
    presence.hosts().find((host) => host.hostname === hostname)?.labels;
  return { presence, observer, local, names, labelsOf };
}
