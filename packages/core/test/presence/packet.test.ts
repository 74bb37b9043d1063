import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodePacket, normalizeLabels, packableLabels, parsePacket } from "../../src/index.ts";
import { hostLabelProblem } from "../../src/host-label.ts";
import { MAX_PACKET_LENGTH } from "../../src/presence/packet.ts";

/** What a signature adds at most. */
const SIGNATURE_ROOM = 40;

const label = fc
  .string({ unit: "grapheme", minLength: 1 })
  .filter((text) => hostLabelProblem(text) === undefined && text === text.trim());
const hostname = fc.stringMatching(/^[a-z0-9][a-z0-9.-]{0,30}$/);

describe("the wire format", () => {
  it("is the original's, byte for byte", () => {
    expect(encodePacket({ message: "hi", hostname: "smtp.example.com", labels: ["a<b>&c", "service:smtp"] })).toBe(
      '{"discovery":{"hostname":"smtp.example.com","labels":["a\\u003cb\\u003e\\u0026c","service:smtp"],"last_check":0},"message":"hi"}',
    );
  });

  it("reads what it writes", () => {
    fc.assert(
      fc.property(hostname, fc.array(label), fc.constantFrom("hi", "goodbye"), (name, labels, message) => {
        const packet = { message, hostname: name, labels: normalizeLabels(labels) } as const;
        expect(parsePacket(encodePacket(packet))).toEqual(packet);
      }),
    );
  });

  it("has room for as many labels as a packet may hold that is read", () => {
    const long = fc.array(fc.string({ unit: "grapheme-ascii", minLength: 900, maxLength: 1000 }), { maxLength: 200 });
    fc.assert(
      fc.property(hostname, long, (name, given) => {
        const labels = normalizeLabels(given);
        const packable = packableLabels({ hostname: name, labels });
        expect(packable).toEqual(labels.slice(0, packable.length));
        const packet = { message: "goodbye", hostname: name, labels: packable } as const;
        const room = MAX_PACKET_LENGTH - encodePacket(packet).length;
        expect(room).toBeGreaterThanOrEqual(SIGNATURE_ROOM);
        if (packable.length < labels.length) expect(room).toBeLessThan(SIGNATURE_ROOM + 6 * 1000 + 3);
      }),
      { numRuns: 30 },
    );
    const few = normalizeLabels(["service:web", "a"]);
    expect(packableLabels({ hostname: "a", labels: few })).toEqual(few);
  });

  it("never throws on what anybody publishes", () => {
    const json = fc.json();
    const near = fc.record({ discovery: fc.anything(), message: fc.anything() }).map((value) => JSON.stringify(value));
    fc.assert(
      fc.property(fc.oneof(fc.string(), json, near), (text) => {
        const result = parsePacket(text);
        if (typeof result === "string") return;
        expect(result.labels).toEqual(normalizeLabels(result.labels));
      }),
    );
  });
});
