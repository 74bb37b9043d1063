/** A heartbeat: who is alive, and the digest of what it last announced. The same text again and again, at most 64 bytes. */
export interface Beat {
  readonly instance: string;
  readonly incarnation: number;
  readonly digest: string;
}

const BEAT = /^b ([\w-]{1,32}) ([0-9a-z]{1,11}) ([\w-]{1,16})$/;
const RADIX = 36;

/** The heartbeat as it goes over the ext channel, for example `b k3JZ0a_-x9Q mfk2x1c0 Zx81kQ0-aB`. */
export function encodeBeat({ instance, incarnation, digest }: Beat): string {
  return `b ${instance} ${incarnation.toString(RADIX)} ${digest}`;
}

/** Parses a heartbeat; `undefined` for anything else. Never throws. */
export function parseBeat(text: string): Beat | undefined {
  const match = BEAT.exec(text);
  if (match === null) return undefined;
  const [, instance = "", incarnation = "", digest = ""] = match;
  return { instance, incarnation: Number.parseInt(incarnation, RADIX), digest };
}
