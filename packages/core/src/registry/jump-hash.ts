const MULTIPLIER = 2862933555777941757n;
const TWO_TO_31 = 2_147_483_648;

/**
 * Jump consistent hash (Lamping and Veach, arXiv:1406.2294): the bucket of a 64-bit key, 0 to `buckets` - 1, in 64-bit
 * unsigned arithmetic. 0 for a number of buckets below 1, as in the original. A bucket can only be added or taken at the end.
 */
export function jumpHash(key: bigint, buckets: number): number {
  let state = BigInt.asUintN(64, key);
  let bucket = 0;
  let next = 0;
  while (next < buckets) {
    bucket = next;
    state = BigInt.asUintN(64, state * MULTIPLIER + 1n);
    next = Math.floor((bucket + 1) * (TWO_TO_31 / (Number(state >> 33n) + 1)));
  }
  return bucket;
}
