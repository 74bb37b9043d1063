import { expect, it } from "vitest";
import { DiscoveryError, isDiscoveryError } from "../src/index.ts";

it("knows its own errors by their code", () => {
  const error = new DiscoveryError("not_found", "no such key", { cause: new Error("why") });
  expect(isDiscoveryError(error)).toBe(true);
  expect(isDiscoveryError(error, "not_found")).toBe(true);
  expect(isDiscoveryError(error, "unavailable")).toBe(false);
  expect((error.cause as Error).message).toBe("why");
});

it("knows those of another copy of core, and nothing else", () => {
  class OtherCopy extends Error {
    override readonly name = "DiscoveryError";
    readonly code = "revision_conflict";
  }
  expect(isDiscoveryError(new OtherCopy(), "revision_conflict")).toBe(true);
  for (const thrown of [new Error("x"), { name: "DiscoveryError", code: "not_found" }, undefined, "not_found"]) {
    expect(isDiscoveryError(thrown)).toBe(false);
  }
});
