import type { Bus } from "../driver/bus.ts";
import type { Clock } from "../clock.ts";
import type { PresenceObserver } from "./observer.ts";
import { Signer, withoutSeal } from "./signature.ts";
import type { PresenceSource } from "./source.ts";

/** How packets are signed, and what becomes of those that are not. */
export interface SigningRule {
  /** At least one. The first signs; all are accepted, so that a key can be exchanged without a gap. */
  readonly keys: readonly string[];
  /** How far a message's time stamp may be from this machine's wall clock, in milliseconds, either way. */
  readonly windowMs: number;
  /** Whether what is not proven is dropped; otherwise it is only reported, for the time of the change-over. */
  readonly enforce: boolean;
}

export interface SignedSourceOptions {
  readonly clock: Clock;
  readonly observer: PresenceObserver;
  /** A packet was dropped that is not signed at all, as those of original daemons are. */
  readonly onUnsigned: () => void;
}

/** The same source with everything signed that is sent, and everything checked that is heard. */
export function signedSource(source: PresenceSource, rule: SigningRule, options: SignedSourceOptions): PresenceSource {
  const { clock, observer, onUnsigned } = options;
  const signer = new Signer({ clock, ...rule });
  const bus: Bus = {
    reach: source.bus.reach,
    publish: (channel, message) => source.bus.publish(channel, signer.sign(channel, message)),
    subscribe: (channel, onMessage) =>
      source.bus.subscribe(channel, (signed) => {
        const { text, unproven } = signer.open(channel, signed);
        if (unproven !== undefined) observer.unproven(source.name, unproven, rule.enforce);
        if (unproven === undefined || !rule.enforce) onMessage(text);
        else if (unproven === "unsigned" && channel === source.channel) onUnsigned();
      }),
  };
  return { name: source.name, link: source.link, channel: source.channel, bus };
}

/** The same source for a daemon without a key, that hears those which have one already as it hears all others. */
export function unsignedSource(source: PresenceSource): PresenceSource {
  const bus: Bus = {
    reach: source.bus.reach,
    publish: (channel, message) => source.bus.publish(channel, message),
    subscribe: (channel, onMessage) => source.bus.subscribe(channel, (message) => onMessage(withoutSeal(message))),
  };
  return { name: source.name, link: source.link, channel: source.channel, bus };
}
