import {
  type Bus,
  type Driver,
  encodePacket,
  every,
  parsePacket,
  Presence,
  type PresenceObserver,
} from "@org/discovery-core";
import { realClock } from "@org/discovery-test-servers";

export interface SpeakerOptions {
  readonly driver: Driver;
  readonly announcement: { readonly hostname: string; readonly labels: readonly string[] };
  readonly listens: boolean;
  readonly keepAliveMs: number;
}

/** One daemon, as far as the bus sees it. */
export interface Speaker {
  start(): Promise<void>;
  /** Messages that it has heard. */
  heard(): number;
  /** Hosts that it lists. */
  listed(): number;
}

const CHANNEL = "lobby:discovery";
const TTL_MS = 30_000;

/** As the original daemon: its packet at every keep-alive, and nothing else. */
export function lobbySpeaker({ driver, announcement, listens, keepAliveMs }: SpeakerOptions): Speaker {
  const text = encodePacket({ message: "hi", ...announcement });
  const known = new Set<string>();
  let heard = 0;
  const hear = (message: string): void => {
    heard += 1;
    const packet = parsePacket(message);
    if (typeof packet === "object") known.add(packet.hostname);
  };
  const say = (): void => void driver.bus.publish(CHANNEL, text);
  return {
    heard: () => heard,
    listed: () => known.size,
    start: async () => {
      if (listens) await driver.bus.subscribe(CHANNEL, hear);
      say();
      every(realClock, keepAliveMs, say);
    },
  };
}

/** As our daemon. One that does not listen is deaf: it behaves as in any fleet of ours, and its share of the traffic to all is left out. */
export function compactSpeaker({ driver, announcement, listens, keepAliveMs }: SpeakerOptions): Speaker {
  let heard = 0;
  const { bus, link } = driver;
  const presence = new Presence({
    clock: realClock,
    random: Math.random,
    sources: [
      { name: driver.name, bus: counted(listens ? bus : deaf(bus), () => (heard += 1)), link, channel: CHANNEL },
    ],
    observer: silent,
    local: async () => announcement,
    keepAliveMs,
    ttlMs: TTL_MS,
    cleanEveryMs: TTL_MS / 2,
    register: true,
    listen: true,
  });
  return { heard: () => heard, listed: () => presence.size, start: () => presence.start() };
}

/** Hears what is said to this daemon, and nothing that is said to all; so it does not ask for the fleet at its start either. */
function deaf(bus: Bus): Bus {
  const isForAll = (channel: string): boolean => channel === CHANNEL || channel === `${CHANNEL}.ext`;
  return {
    reach: bus.reach,
    publish: async (channel, message) => {
      if (!message.startsWith('{"type":"sync"')) await bus.publish(channel, message);
    },
    subscribe: async (channel, take) => (isForAll(channel) ? () => {} : bus.subscribe(channel, take)),
  };
}

function counted(bus: Bus, onMessage: () => void): Bus {
  return {
    reach: bus.reach,
    publish: (channel, message) => bus.publish(channel, message),
    subscribe: (channel, take) =>
      bus.subscribe(channel, (message) => {
        onMessage();
        take(message);
      }),
  };
}

const silent: PresenceObserver = {
  received: () => {},
  sent: () => {},
  unproven: () => {},
  duplicate: () => {},
  held: () => {},
  announcementFailed: () => {},
};
