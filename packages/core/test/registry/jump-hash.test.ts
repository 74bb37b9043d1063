import fc from "fast-check";
import { expect, test } from "vitest";
import { crc64 } from "../../src/registry/crc64.ts";
import { jumpHash } from "../../src/registry/jump-hash.ts";
import { toBigInt } from "../../src/registry/u64.ts";

test.each([
  [1n, 1, 0],
  [42n, 57, 43],
  [0xdead10ccn, 666, 361],
  [256n, 1024, 520],
  [0n, -10, 0],
  [0n, 0, 0],
  [0xffffffffffffffffn, 1, 0],
])("key %s, %s buckets: bucket %s", (key, buckets, bucket) => {
  expect(jumpHash(key, buckets)).toBe(bucket);
});

test.each([
  ["localhost", 10, 6],
  ["ёлка", 3, 0],
  ["ветер", 10, 7],
])("%s, %s buckets: bucket %s", (text, buckets, bucket) => {
  expect(jumpHash(toBigInt(crc64(text)), buckets)).toBe(bucket);
});

test("one bucket more moves a key there, or leaves it", () => {
  fc.assert(
    fc.property(fc.bigInt(0n, (1n << 64n) - 1n), fc.integer({ min: 1, max: 1000 }), (key, buckets) => {
      const [before, after] = [jumpHash(key, buckets), jumpHash(key, buckets + 1)];
      expect(after === before || after === buckets).toBe(true);
      expect(before).toBeLessThan(buckets);
    }),
  );
});
