import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";
import type { Clock } from "../clock.ts";
import { base64url } from "./base64url.ts";

/** Why a message is not proven to come from a holder of the key; values of the label `result` of the received metric. */
export type Unproven = "unsigned" | "forged" | "stale" | "replayed";

export interface SigningOptions {
  readonly clock: Clock;
  /** The first signs; all are accepted, so that a key can be exchanged without a gap. */
  readonly keys: readonly string[];
  /** How far a message's time stamp may be from this machine's wall clock, in milliseconds, either way. */
  readonly windowMs: number;
}

/** What a signed text says, and `unproven` where the signature does not hold. */
export interface Opened {
  readonly text: string;
  readonly unproven: Unproven | undefined;
}

const MAC_BYTES = 12;
const RADIX = 36;
/** `<time stamp>.<mac>`: base 36 milliseconds, then 96 bits of base64url. Short, for a heartbeat has 64 bytes. */
const SEAL = "([0-9a-z]{1,11})\\.([\\w-]{16})";
/** In a JSON object the seal is one more member, which the original daemon ignores; behind anything else one more word. */
const SEALED_JSON = new RegExp(`^(.*),"sig":"${SEAL}"\\}$`, "s");
const SEALED_TEXT = new RegExp(`^(.*) ${SEAL}$`, "s");

/**
 * Signs messages and tells which are proven: HMAC-SHA256 (RFC 2104), cut to 96 bits, over the channel, the time stamp and the
 * text, so that none can be made up, changed, sent again later or moved to another channel. One for each source: it
 * remembers what it has seen within the window.
 */
export class Signer {
  readonly #clock: Clock;
  readonly #keys: readonly Uint8Array[];
  readonly #windowMs: number;
  readonly #seen = new Map<string, number>();
  #forgetAt = 0;

  constructor({ clock, keys, windowMs }: SigningOptions) {
    this.#clock = clock;
    this.#keys = keys.map((key) => utf8ToBytes(key));
    this.#windowMs = windowMs;
  }

  /** The text with its signature. */
  sign(channel: string, text: string): string {
    const [key] = this.#keys;
    if (key === undefined) return text;
    const at = this.#clock.now().toString(RADIX);
    const seal = `${at}.${mac(key, `${channel}\n${at}\n${text}`)}`;
    return text.endsWith("}") ? `${text.slice(0, -1)},"sig":"${seal}"}` : `${text} ${seal}`;
  }

  /** The text without its signature, and whether that holds. */
  open(channel: string, signed: string): Opened {
    const parts = takeApart(signed);
    if (parts === undefined) return { text: signed, unproven: "unsigned" };
    const { text, at, given } = parts;
    return { text, unproven: this.#check({ at, given, signedText: `${channel}\n${at}\n${text}` }) };
  }

  #check({ at, given, signedText }: { at: string; given: string; signedText: string }): Unproven | undefined {
    if (!this.#keys.some((key) => isEqual(mac(key, signedText), given))) return "forged";
    const now = this.#clock.now();
    const signedAt = Number.parseInt(at, RADIX);
    if (Math.abs(now - signedAt) > this.#windowMs) return "stale";
    if (this.#seen.has(given)) return "replayed";
    this.#seen.set(given, signedAt + this.#windowMs);
    this.#forget(now);
    return undefined;
  }

  /** Forgets signatures that would be stale by now; a look at all of them, so only once a window. */
  #forget(now: number): void {
    if (Math.abs(now - this.#forgetAt) < this.#windowMs) return;
    this.#forgetAt = now;
    for (const [seal, until] of this.#seen) if (until < now) this.#seen.delete(seal);
  }
}

/** What a signed text says, for a daemon that has no key to check it with; a text that is not signed as it is. */
export function withoutSeal(signed: string): string {
  return takeApart(signed)?.text ?? signed;
}

function takeApart(signed: string): { text: string; at: string; given: string } | undefined {
  const json = SEALED_JSON.exec(signed);
  const match = json ?? SEALED_TEXT.exec(signed);
  if (match === null) return undefined;
  const [, body = "", at = "", given = ""] = match;
  return { text: json === null ? body : `${body}}`, at, given };
}

function mac(key: Uint8Array, text: string): string {
  return base64url(hmac(sha256, key, utf8ToBytes(text)).subarray(0, MAC_BYTES));
}

/** Takes equally long wherever the two differ, so that a forger learns nothing from the time. */
function isEqual(left: string, right: string): boolean {
  let difference = left.length ^ right.length;
  for (let index = 0; index < left.length; index++) {
    difference |= (left.codePointAt(index) ?? 0) ^ (right.codePointAt(index) ?? 0);
  }
  return difference === 0;
}
