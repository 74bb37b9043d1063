import fc from "fast-check";
import { expect, test } from "vitest";
import { Bucket } from "../src/bucket.ts";
import { keyOfSubject, subjectOfKey } from "../src/subject-key.ts";

const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 });

test("any key is one legal token, and comes back", () => {
  fc.assert(
    fc.property(text, (key) => {
      const token = subjectOfKey(key);
      expect(token).toMatch(/^[-/_=A-Za-z0-9]+$/);
      expect(keyOfSubject(token)).toBe(key);
    }),
  );
});

test("a token that no key has is no key", () => {
  for (const token of ["", "=", "=4", "=2e", "=41", "=FF", "=ZZ", "a=", "ä", "=00=C3"]) {
    expect(keyOfSubject(token)).toBeUndefined();
  }
});

test("what people see in their key-value tools", () => {
  expect(subjectOfKey("service/default/web-1")).toBe("service/default/web-1");
  expect(subjectOfKey("a.b *>ä")).toBe("a=2Eb=20=2A=3E=C3=A4");
});

test("a bucket knows its own subjects", () => {
  fc.assert(
    fc.property(text, (key) => {
      const bucket = new Bucket("b");
      expect(bucket.placeOf(bucket.entry(key))).toEqual({ kind: "entry", key });
      expect(bucket.placeOf(bucket.staged("s", key))).toEqual({ kind: "staged", stage: "s", key });
    }),
  );
  const bucket = new Bucket("b");
  expect(bucket.placeOf(bucket.epoch)).toEqual({ kind: "epoch" });
  expect(bucket.placeOf(bucket.swept)).toEqual({ kind: "swept" });
  for (const subject of ["$KV.b.meta.other", "$KV.b.a.b", "$KV.b.stage.s", "$KV.b.stage.s.a.b", "$KV.c.a", "$KV.b."]) {
    expect(bucket.placeOf(subject)).toBeUndefined();
  }
});
