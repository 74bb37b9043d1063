import { sha256 } from "@noble/hashes/sha2.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const LENGTH = 10;

/** A fingerprint of 60 bits in ten URL-safe characters: equal for equal text on every machine. */
export function digestOf(text: string): string {
  const hash = sha256(utf8ToBytes(text));
  let digest = "";
  for (let index = 0; index < LENGTH; index++) digest += ALPHABET[(hash[index] ?? 0) & 63];
  return digest;
}

/** The fingerprint of what a host announces. Labels are sorted, so that their order does not matter. */
export function contentDigest(hostname: string, labels: readonly string[]): string {
  return digestOf(JSON.stringify([hostname, labels]));
}
