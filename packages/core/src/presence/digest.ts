import { sha256 } from "@noble/hashes/sha2.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";
import { base64url } from "./base64url.ts";

const BYTES = 9;

/** A fingerprint of 72 bits in twelve URL-safe characters: equal for equal text on every machine. */
export function digestOf(text: string): string {
  return base64url(sha256(utf8ToBytes(text)).subarray(0, BYTES));
}

/** The fingerprint of what a host announces. Labels are sorted, so that their order does not matter. */
export function contentDigest(hostname: string, labels: readonly string[]): string {
  return digestOf(JSON.stringify([hostname, labels]));
}
