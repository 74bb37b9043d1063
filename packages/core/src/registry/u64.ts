/** An unsigned 64-bit number in two halves of 32 bits: many times faster here than a `bigint`. */
export interface U64 {
  /** 0 to 2^32 - 1. */
  readonly high: number;
  /** 0 to 2^32 - 1. */
  readonly low: number;
}

export function xor64(left: U64, right: U64): U64 {
  return { high: (left.high ^ right.high) >>> 0, low: (left.low ^ right.low) >>> 0 };
}

/** Shifts right by 1 to 31 bits. */
export function shiftRight64({ high, low }: U64, bits: number): U64 {
  return { high: high >>> bits, low: ((low >>> bits) | (high << (32 - bits))) >>> 0 };
}

/** The low 64 bits of the product. */
export function multiply64(left: U64, right: U64): U64 {
  const high = multiplyHigh(left.low, right.low) + Math.imul(left.high, right.low) + Math.imul(left.low, right.high);
  return { high: high >>> 0, low: Math.imul(left.low, right.low) >>> 0 };
}

export function toBigInt({ high, low }: U64): bigint {
  return (BigInt(high) << 32n) | BigInt(low);
}

/** The high 32 bits of the product of two 32-bit numbers, by halves; no step exceeds 2^53. */
function multiplyHigh(left: number, right: number): number {
  const leftLow = left & 0xffff;
  const leftHigh = left >>> 16;
  const rightLow = right & 0xffff;
  const rightHigh = right >>> 16;
  const cross = leftHigh * rightLow + ((leftLow * rightLow) >>> 16);
  const middle = leftLow * rightHigh + (cross & 0xffff);
  return leftHigh * rightHigh + (cross >>> 16) + (middle >>> 16);
}
