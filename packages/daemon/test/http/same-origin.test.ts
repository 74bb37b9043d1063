import { describe, expect, it } from "vitest";
import { appUnderTest } from "./app-under-test.ts";

async function post(headers: Record<string, string>, token?: string): Promise<number> {
  const { app, labels } = await appUnderTest(token === undefined ? {} : { token });
  const { status } = await app.request("/v1/labels", { method: "POST", body: "x", headers });
  expect(await labels.read()).toEqual(status === 200 ? ["x"] : []);
  return status;
}

describe("a change without a token", () => {
  it.each([
    ["of a page elsewhere", "https://evil.example", "127.0.0.1:1313"],
    ["of a page under a name that now points here", "http://evil.example:1313", "evil.example:1313"],
    ["of a file or a sandboxed frame", "null", "127.0.0.1:1313"],
    ["of a page on another port", "http://localhost:8080", "localhost:1313"],
    ["of a name that begins like ours", "http://localhost.evil.example", "localhost.evil.example"],
    ["of no URL", "what", "what"],
  ])("%s is refused", async (_what, origin, host) => {
    expect(await post({ Origin: origin, Host: host })).toBe(403);
  });

  it.each([
    ["of a program, which sends no Origin", {}],
    ["of a page from here", { Origin: "http://127.0.0.1:1313", Host: "127.0.0.1:1313" }],
    ["of a page from here by name", { Origin: "http://localhost:1313", Host: "LOCALHOST:1313" }],
    ["of a page from here over IPv6", { Origin: "http://[::1]:1313", Host: "[::1]:1313" }],
  ])("%s is taken", async (_what, headers) => {
    expect(await post(headers as Record<string, string>)).toBe(200);
  });

  it("is all that is refused: reads are not", async () => {
    const { app } = await appUnderTest();
    expect((await app.request("/", { headers: { Origin: "https://evil.example" } })).status).toBe(200);
  });
});

it("a change with the token is taken from everywhere: no page of others knows it", async () => {
  expect(await post({ Origin: "https://portal.example", Authorization: "Token s" }, "s")).toBe(200);
});
