import type { U64 } from "./u64.ts";

/** The ECMA-182 polynomial, reflected: Go's `crc64.ECMA`. */
const POLYNOMIAL: U64 = { high: 0xc96c5795, low: 0xd7870f42 };
const TABLE = makeTable();
const encoder = new TextEncoder();

/** CRC-64 of a text's UTF-8 bytes, as Go's `crc64.Checksum(text, crc64.MakeTable(crc64.ECMA))`. */
export function crc64(text: string): U64 {
  let high = 0xffffffff;
  let low = 0xffffffff;
  for (const byte of encoder.encode(text)) {
    const row = ((low ^ byte) & 0xff) * 2;
    low = ((low >>> 8) | (high << 24)) ^ (TABLE[row + 1] ?? 0);
    high = (high >>> 8) ^ (TABLE[row] ?? 0);
  }
  return { high: ~high >>> 0, low: ~low >>> 0 };
}

/** For each byte the high and the low half of its remainder. */
function makeTable(): Uint32Array {
  const table = new Uint32Array(512);
  for (let byte = 0; byte < 256; byte++) {
    let high = 0;
    let low = byte;
    for (let bit = 0; bit < 8; bit++) {
      const carry = low & 1;
      low = (low >>> 1) | (high << 31);
      high >>>= 1;
      if (carry === 1) {
        high ^= POLYNOMIAL.high;
        low ^= POLYNOMIAL.low;
      }
    }
    table[byte * 2] = high;
    table[byte * 2 + 1] = low;
  }
  return table;
}
