import fc from "fast-check";
import { expect, test } from "vitest";
import { EventStreamReader, type StreamEvent } from "../../src/exporter/event-stream.ts";

function readAll(text: string, cuts: readonly number[] = []): { events: StreamEvent[]; lastEventId: string } {
  const reader = new EventStreamReader(1_000_000);
  const at = [...new Set(cuts.map((cut) => Math.min(cut, text.length)))].toSorted((a, b) => a - b);
  const events = [0, ...at].flatMap((start, index) => reader.read(text.slice(start, at[index] ?? text.length)));
  return { events, lastEventId: reader.lastEventId };
}

test("reads type, data and id; skips comments, unknown fields and what is cut off", () => {
  const text = `\uFEFF: hello
retry: 1000

event: change
id: 7
data: {"a":
data:  1}
unknown: x
nonsense

data

event: nothing

data: cut off`;
  expect(readAll(text)).toEqual({
    events: [
      { type: "change", data: '{"a":\n 1}' },
      { type: "message", data: "" },
    ],
    lastEventId: "7",
  });
});

test("an id counts only when its event is whole, and not with a NUL in it", () => {
  expect(readAll("id: 1\ndata: x\n\nid: 2\ndata: y\n").lastEventId).toBe("1");
  expect(readAll("id: 1\n\nid: 2\0\n\n").lastEventId).toBe("1");
  expect(readAll("id: 1\n\nid\n\n").lastEventId).toBe("");
});

test("any events come through, whatever ends the lines and wherever the text is cut", () => {
  const line = fc.string({ unit: "binary" }).map((text) => text.replaceAll(/[\r\n]/g, "·"));
  const event = fc.record({
    type: line.filter((text) => text !== "" && text !== "message"),
    data: fc.array(line, { minLength: 1, maxLength: 3 }),
  });
  const end = fc.constantFrom("\n", "\r", "\r\n");
  fc.assert(
    fc.property(fc.array(event), end, fc.array(fc.nat(400)), (events, newline, cuts) => {
      const text = events
        .map(({ type, data }) => [`event: ${type}`, ...data.map((each) => `data: ${each}`), "", ""].join(newline))
        .join("");
      const expected = events.map(({ type, data }) => ({ type, data: data.join("\n") }));
      expect(readAll(text, cuts).events).toEqual(expected);
    }),
  );
});

test("takes no endless event", () => {
  const reader = new EventStreamReader(100);
  expect(() => {
    for (let piece = 0; piece < 20; piece++) reader.read("data: 1234567\n");
  }).toThrow("more than 100 characters");
  const other = new EventStreamReader(100);
  for (let event = 0; event < 20; event++) other.read("data: 1234567\n\n");
  expect(() => other.read("x".repeat(101))).toThrow(RangeError);
});
