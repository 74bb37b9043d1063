import { describe, expect, test } from "vitest";
import { crc64 } from "../../src/registry/crc64.ts";
import { rendezvousScore, rendezvousSeed } from "../../src/registry/rendezvous.ts";

// To the bit: whoever changes a score changes who scrapes what, everywhere.
test.each([
  ["http://example.com/metrics", "server1", 1, 0.1489330270222959],
  ["http://example.com/metrics", "server2", 2.5, 0.08118796381637397],
])("%s on %s of weight %s scores %s", (endpoint, server, weight, score) => {
  expect(rendezvousScore(crc64(endpoint), rendezvousSeed(server), weight)).toBe(score);
});

describe("scores are exponential and do not depend on each other", () => {
  const COUNT = 20_000;
  const scores = (name: string): number[] => {
    const seed = rendezvousSeed(name);
    return Array.from({ length: COUNT }, (_, index) => rendezvousScore(crc64(`http://h${index}/metrics`), seed, 1));
  };
  const [first, second] = [scores("server1"), scores("server2")];

  test("each quarter of the distribution has its share", () => {
    const quarters = [0, 0, 0, 0];
    for (const score of first) quarters[Math.min(3, Math.floor((1 - Math.exp(-score)) * 4))]! += 1;
    // Standard deviation: 61.
    for (const count of quarters) expect(Math.abs(count - COUNT / 4)).toBeLessThan(300);
  });

  test("what one server thinks of a key says nothing about the next one, though their names differ in one character", () => {
    const both = first.filter((score, index) => score < Math.LN2 && (second[index] ?? 0) < Math.LN2).length;
    expect(Math.abs(both - COUNT / 4)).toBeLessThan(300);
  });

  test("no two keys and servers share a score, though all differ in the same place", () => {
    const all = new Set<number>();
    for (let server = 0; server < 10; server++) {
      const seed = rendezvousSeed(`server${server}`);
      for (let key = 0; key < 10; key++) all.add(rendezvousScore(crc64(`server${key}`), seed, 1));
    }
    expect(all.size).toBe(100);
  });
});
