import { describe, expect, test } from "vitest";
import { isServiceId, serviceId } from "../../src/registry/service-id.ts";

describe("service id", () => {
  // From the original's documentation.
  test.each([
    ["http://example.com/metrics", "93c156b1-f218-5d79-88a5-219307e59d29"],
    ["http://blackbox.example.com", "e988791c-2c4e-5eeb-b3b8-db3c0cf82719"],
  ])("%s", (endpoint, id) => {
    expect(serviceId(endpoint)).toBe(id);
    expect(isServiceId(id)).toBe(true);
  });

  test("is of the text as given", () => {
    expect(serviceId("http://EXAMPLE.com/metrics")).not.toBe(serviceId("http://example.com/metrics"));
    expect(isServiceId(serviceId("http://bücher.example/"))).toBe(true);
  });

  test.each(["", "93C156B1-F218-5D79-88A5-219307E59D29", "93c156b1-f218-5d79-88a5-219307e59d29 ", "a"])(
    "%j is none",
    (text) => expect(isServiceId(text)).toBe(false),
  );
});
