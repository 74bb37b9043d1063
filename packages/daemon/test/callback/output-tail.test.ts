import fc from "fast-check";
import { expect, it } from "vitest";
import { OutputTail } from "../../src/callback/output-tail.ts";

it("keeps the last bytes of whatever comes in whatever pieces, and counts the rest", () => {
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[a-z]{0,30}$/)), (pieces) => {
      const tail = new OutputTail(20);
      for (const piece of pieces) tail.add(Buffer.from(piece));
      const all = pieces.join("");
      const dropped = Math.max(0, all.length - 20);
      expect(tail.text()).toBe(dropped === 0 ? all : `[${dropped} bytes before] ${all.slice(-20)}`);
    }),
  );
});
