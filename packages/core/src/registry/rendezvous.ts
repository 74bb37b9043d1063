import { crc64 } from "./crc64.ts";
import { naturalLog } from "./natural-log.ts";
import { multiply64, shiftRight64, xor64, type U64 } from "./u64.ts";

const FIRST: U64 = { high: 0xbf58476d, low: 0x1ce4e5b9 };
const SECOND: U64 = { high: 0x94d049bb, low: 0x133111eb };
const SEED: U64 = { high: 0x9e3779b9, low: 0x7f4a7c15 };
const TWO_TO_32 = 4_294_967_296;
const TWO_TO_53 = 9_007_199_254_740_992;

/**
 * What a node is known by in `rendezvousScore`. CRC-64 is linear: names and keys that differ in the same place would cancel
 * each other out, so that it is mixed before it meets a key.
 */
export function rendezvousSeed(name: string): U64 {
  return mix(xor64(crc64(name), SEED));
}

/**
 * How dear a key is to a node; the lowest score wins. Weighted highest random weight (Thaler and Ravishankar, 1998; weights as
 * in Schindelhauer and Schomaker, 2005): a hash of both, uniform in (0, 1), makes an exponential variable of rate `weight`, and
 * the lowest of such variables is a node's with a chance in proportion to its weight. So a node that joins or leaves moves
 * its own share of the keys, and no key moves between two others.
 */
export function rendezvousScore(key: U64, seed: U64, weight: number): number {
  const { high, low } = mix(xor64(key, seed));
  const uniform = (high * (TWO_TO_53 / TWO_TO_32) + (low >>> 11) + 0.5) / TWO_TO_53;
  return -naturalLog(uniform) / weight;
}

/** The finalizer of SplitMix64 (Stafford's variant 13): every bit of the input changes every bit of the output. */
function mix(value: U64): U64 {
  const first = multiply64(xor64(value, shiftRight64(value, 30)), FIRST);
  const second = multiply64(xor64(first, shiftRight64(first, 27)), SECOND);
  return xor64(second, shiftRight64(second, 31));
}
