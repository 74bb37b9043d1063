import type { FleetRecord, HostChange, VirtualClock } from "../../src/index.ts";
import { Acquaintance, type Known } from "./acquaintance.ts";
import { anonymousOf, type Saying, sayingOf } from "./hearsay.ts";
import { HISTORY_TTL_MS } from "./history.ts";
import type { Machine } from "./machine.ts";
import type { Carriage, Port } from "./virtual-network.ts";

/** A message that is being handed over right now. */
interface Handing {
  readonly speaker: Machine;
  readonly listener: Machine;
  readonly saying: Saying;
  readonly sentAt: number;
  /** Whether the listener has already heard a newer announcement. */
  readonly isOld: boolean;
}

/**
 * Sees every message that arrives, and so knows what each daemon has no excuse not to know:
 *
 * - A host that is alive stays listed while it is heard within the TTL, or silent only while the link was down or had just
 *   come up.
 * - An announcement that is older than one that was heard changes nothing, whether it is `hi` or a packet.
 * - A host whose goodbye was heard is gone at once, and nothing of it that comes later brings it back.
 *
 * A packet tells whose it is by its content alone. So the last two hold for packets only if the listener had heard the same
 * content with identity, and no later start of the machine may be announcing it again.
 */
export class Witness {
  readonly #clock: VirtualClock;
  readonly #speakers = new Map<Port, { machine: Machine; link: number }>();
  readonly #acquaintances = new Map<Machine, Map<Machine, Acquaintance>>();
  /** By machine number: the last that was started, and whether it was the first. */
  readonly #latest = new Map<number, { machine: Machine; isFirst: boolean }>();
  /** The machines that announced themselves, by instance. */
  readonly #byInstance = new Map<string, Machine>();
  /** Which hosts a machine was told of without an identity, by its disk or by peers that had heard their packets alone. */
  readonly #rumours = new Map<Machine, Set<string>>();
  /** Parsed once: the same texts come again and again. */
  readonly #sayings = new Map<string, Saying | undefined>();
  readonly #ended = new Set<Machine>();
  #handing: Handing | undefined;
  /** What went wrong. */
  readonly findings: string[] = [];

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  /** A machine starts. `saved` is what it remembers. */
  add(machine: Machine, saved: readonly FleetRecord[]): void {
    for (const [link, port] of machine.ports.entries()) this.#speakers.set(port, { machine, link });
    this.#latest.set(machine.number, { machine, isFirst: !this.#latest.has(machine.number) });
    if (machine.ours === undefined) return;
    this.#acquaintances.set(machine, new Map());
    this.#rumours.set(machine, new Set(anonymousOf(saved)));
    machine.ours.presence.onChange((change) => this.#judge(machine, change));
  }

  /** The machine ends: from now on nobody needs to list it. */
  remove(machine: Machine): void {
    this.#ended.add(machine);
    this.#acquaintances.delete(machine);
  }

  /** A link of it is about to change: whoever was silent for too long before that may be forgotten. */
  forgetSilent(machine: Machine): void {
    for (const of of this.#acquaintances.get(machine)?.values() ?? []) {
      if (of.known !== undefined && !this.#isFresh(machine, of.known)) of.known = undefined;
    }
  }

  /** Hands a message over and watches what it does. */
  hand({ from, to, message, sentAt }: Carriage, receive: () => void): void {
    const speaker = this.#speakers.get(from!)!.machine;
    const { machine: listener, link } = this.#speakers.get(to)!;
    const saying = this.#sayingOf(message);
    const of = this.#acquaintance(listener, speaker);
    if (saying?.kind === "hi" && saying.identity !== undefined) this.#byInstance.set(saying.identity.instance, speaker);
    if (saying?.kind === "fleet") this.#hearsay(listener, saying, sentAt);
    if (saying === undefined || of === undefined) {
      receive();
      return;
    }
    this.forgetSilent(listener);
    const before = of.known;
    const isOld = of.isOld(saying);
    if (!isOld) of.hear(saying, { link, sentAt, now: this.#clock.monotonic() });
    this.#handing = { speaker, listener, saying, sentAt, isOld };
    receive();
    this.#handing = undefined;
    if (saying.kind === "gone" && before !== undefined) this.#expectGone(listener, speaker, before);
  }

  #hearsay(listener: Machine, { anonymous, identified }: Saying & { kind: "fleet" }, sentAt: number): void {
    for (const host of anonymous) this.#rumours.get(listener)?.add(host);
    for (const host of identified) {
      const machine = this.#byInstance.get(host.identity.instance);
      if (machine !== undefined) this.#acquaintance(listener, machine)?.hearOf(host, sentAt);
    }
  }

  #sayingOf(message: string): Saying | undefined {
    if (!this.#sayings.has(message)) this.#sayings.set(message, sayingOf(message));
    return this.#sayings.get(message);
  }

  #acquaintance(listener: Machine, speaker: Machine): Acquaintance | undefined {
    const all = this.#acquaintances.get(listener);
    if (all === undefined || listener === speaker) return undefined;
    const of = all.get(speaker) ?? new Acquaintance(speaker.ours === undefined, listener.ports.length);
    all.set(speaker, of);
    return of;
  }

  #judge(machine: Machine, change: HostChange): void {
    if (this.#ended.has(machine)) return;
    const old = this.#whyOld(machine, change);
    if (old !== undefined) this.#find(machine, change, old);
    if (change.reason !== "left" && change.reason !== "expired") return;
    if (change.hostname === machine.local.hostname) this.#find(machine, change, "its own name");
    for (const [other, of] of this.#acquaintances.get(machine) ?? []) {
      if (of.known?.hostname !== change.hostname || this.#ended.has(other)) continue;
      // A late goodbye of an original daemon has no identity: nobody can tell that it is not the present one's.
      const isExcused = of.isOriginal && change.reason === "left";
      if (!isExcused && this.#isFresh(machine, of.known)) this.#find(machine, change, "though it heard it");
      of.known = undefined;
    }
  }

  /** Why the message that is being handed over must not have had this effect. */
  #whyOld(machine: Machine, { reason }: HostChange): string | undefined {
    if (this.#handing?.listener !== machine) return undefined;
    const { speaker, saying, sentAt, isOld } = this.#handing;
    if (saying.kind !== "hi" || speaker.ours === undefined) return undefined;
    if (isOld) return "because of an older announcement";
    const of = this.#acquaintance(machine, speaker)!;
    if (saying.identity !== undefined) return of.gone ? "because of a hi that its goodbye overtook" : undefined;
    if (reason !== "joined" || !of.wasOver(saying.content, sentAt)) return undefined;
    return this.#latest.get(speaker.number)?.machine === speaker ? "because of an older packet" : undefined;
  }

  /** Somebody said goodbye to a machine that knew it well. */
  #expectGone(machine: Machine, gone: Machine, { hostname }: Known): void {
    const { machine: latest, isFirst } = this.#latest.get(gone.number)!;
    const isOnlyOne = latest === gone && isFirst && !this.#rumours.get(machine)!.has(hostname);
    if (!isOnlyOne || !this.#acquaintance(machine, gone)!.isIdentified) return;
    if (machine.ours!.names().includes(hostname)) this.#find(machine, { hostname, reason: "left" }, "but not at once");
  }

  #find(machine: Machine, { hostname, reason }: HostChange, why: string): void {
    this.findings.push(`at ${this.#clock.monotonic()} ms ${machine.local.hostname} saw ${hostname} ${reason}, ${why}`);
  }

  #isFresh(machine: Machine, { at }: Known): boolean {
    return machine.ports.some(({ link }, index) => {
      const last = at[index] ?? Number.NEGATIVE_INFINITY;
      if (last === Number.NEGATIVE_INFINITY || link.state === "down") return false;
      return link.lastProof <= Math.max(last, link.since) + HISTORY_TTL_MS;
    });
  }
}
