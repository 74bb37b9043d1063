import type { PresenceObserver, ReceivedResult, SentKind, Unproven } from "@org/discovery-core";
import type { Metrics } from "../metrics.ts";
import type { RateLimitedLog } from "./rate-limited-log.ts";

/** Messages that are part of the protocol, in contrast to what is dropped. */
const ACCEPTED: ReadonlySet<ReceivedResult> = new Set(["known", "late", "hi", "goodbye", "peer"]);

/** Turns what presence does into metrics, and what is wrong into log lines. */
export class PresenceReporter implements PresenceObserver {
  readonly #metrics: Metrics;
  readonly #log: RateLimitedLog;

  constructor(metrics: Metrics, log: RateLimitedLog) {
    this.#metrics = metrics;
    this.#log = log;
  }

  received(source: string, result: ReceivedResult): void {
    this.#metrics.packetsReceived.inc({ result });
    if (!ACCEPTED.has(result)) this.#log.warn(`dropped ${result}`, { driver: source, result }, "packet dropped");
  }

  sent(source: string, kind: SentKind, error?: Error): void {
    if (error === undefined) this.#metrics.packetsSent.inc({ kind });
    else this.#log.warn(`unsent ${source}`, { driver: source, kind, err: error }, "announcement could not be sent");
  }

  unproven(source: string, reason: Unproven, dropped: boolean): void {
    this.#metrics.packetsUnproven.inc({ reason, dropped: String(dropped) });
    const message = dropped
      ? "packet dropped: its signature does not hold"
      : "packet accepted although its signature does not hold";
    this.#log.warn(`unproven ${reason}`, { driver: source, reason }, message);
  }

  duplicate(hostname: string, own: boolean): void {
    this.#metrics.duplicateHostnames.inc();
    const message = own ? "another machine announces this host's name" : "two machines announce the same hostname";
    this.#log.warn(own ? "own duplicate" : "duplicate", { hostname }, message);
  }

  held(hosts: number): void {
    this.#metrics.hostsGuarded.set(hosts);
    if (hosts > 0) {
      this.#log.warn("held", { hosts }, "too many hosts fell silent at once to be believed; they stay listed");
    }
  }

  announcementFailed(error: Error): void {
    this.#log.warn("labels", { err: error }, "local labels could not be read; the last ones are announced");
  }
}
