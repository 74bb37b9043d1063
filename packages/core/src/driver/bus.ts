import type { Cancel } from "../clock.ts";

/** Takes one message of a channel. It must not throw; what it throws is the driver's to log and drop. */
export type MessageHandler = (message: string) => void;

/** Publish/subscribe, at most once: a message may be lost, and none is kept for later. */
export interface Bus {
  /**
   * How far a message travels. `process`: no other daemon can be listening, so nobody needs to be waited for.
   */
  readonly reach: "process" | "network";
  /**
   * Resolves when the message was handed to the backend.
   * Fails with `unavailable` at once while the link is down: nothing is queued, for presence that arrives late is false.
   */
  publish(channel: string, message: string): Promise<void>;
  /**
   * Hears every message of a channel from now on, this process's own included, in the order the backend gives them.
   * Resolves when the backend confirmed it, or at once while the link is down. Survives reconnects: whenever the link
   * is reported `up`, every subscription is in place.
   */
  subscribe(channel: string, onMessage: MessageHandler): Promise<Cancel>;
}
