import type { Identified, Saying } from "./hearsay.ts";

/** The newest that one machine announced, as far as it arrived. */
export interface Known {
  readonly hostname: string;
  readonly content: string;
  readonly sequence: number;
  /** Monotonic milliseconds of the last sign of life, per link. */
  readonly at: number[];
}

/** How a saying came. Times in monotonic milliseconds. */
export interface Way {
  readonly link: number;
  readonly sentAt: number;
  readonly now: number;
}

/** All that arrived from one machine at another. */
export class Acquaintance {
  /** What the listener has no excuse not to know. Of an original daemon, each packet counts as the newest. */
  known: Known | undefined;
  /** Whether the goodbye arrived. */
  gone = false;
  readonly isOriginal: boolean;
  readonly #links: number;
  /** What was announced with identity. */
  readonly #identified = new Set<string>();
  /** What of that was replaced or ended, and when it was sent that it was. */
  readonly #over = new Map<string, number>();
  /** What was announced in packets, which do not say whose they are. */
  readonly #packets = new Set<string>();

  constructor(isOriginal: boolean, links: number) {
    this.isOriginal = isOriginal;
    this.#links = links;
  }

  /** Whether a newer announcement has arrived already. */
  isOld(saying: Saying): boolean {
    return (
      saying.kind === "hi" && (saying.identity?.sequence ?? Number.POSITIVE_INFINITY) < (this.known?.sequence ?? 0)
    );
  }

  /** Whether that content was over before it was sent. */
  wasOver(content: string, sentAt: number): boolean {
    return sentAt < (this.#over.get(content) ?? Number.NEGATIVE_INFINITY);
  }

  /** Whether each packet that arrived could be told to be this machine's. */
  get isIdentified(): boolean {
    return [...this.#packets].every((packet) => this.#identified.has(packet));
  }

  hear(saying: Saying, way: Way): void {
    if (saying.kind === "hi") this.#hearHi(saying, way);
    else if (saying.kind === "beat") this.#hearBeat(way);
    else if (saying.kind === "gone") this.#hearGone(way);
    else if (saying.kind === "packet goodbye" && this.isOriginal) this.known = undefined;
  }

  /** A peer tells of a newer announcement. That is no sign of life, but changes what is to be listed. */
  hearOf({ hostname, content, identity: { sequence } }: Identified, sentAt: number): void {
    if (this.known === undefined || sequence <= this.known.sequence) return;
    this.#identified.add(content);
    this.#over.set(this.known.content, sentAt);
    this.#over.delete(content);
    this.known = { ...this.known, hostname, content, sequence };
  }

  #hearHi({ hostname, content, identity }: Saying & { kind: "hi" }, { link, sentAt, now }: Way): void {
    if (!this.isOriginal) (identity === undefined ? this.#packets : this.#identified).add(content);
    if ((identity === undefined && !this.isOriginal) || this.gone) return;
    if (this.known !== undefined && this.known.content !== content) this.#over.set(this.known.content, sentAt);
    this.#over.delete(content);
    const at = this.known?.at ?? Array.from({ length: this.#links }, () => Number.NEGATIVE_INFINITY);
    at[link] = now;
    this.known = { hostname, content, sequence: identity?.sequence ?? 0, at };
  }

  #hearBeat({ link, now }: Way): void {
    if (this.known !== undefined) this.known.at[link] = now;
  }

  #hearGone({ sentAt }: Way): void {
    if (this.known !== undefined) this.#over.set(this.known.content, sentAt);
    this.gone = true;
    this.known = undefined;
  }
}
