import fc from "fast-check";
import { expect, it } from "vitest";
import { appUnderTest, host } from "./app-under-test.ts";

const PATHS = [
  "/",
  "/v1/discoveries",
  "/v1/discovery",
  "/v1/resolve",
  "/v1/sd/hosts",
  "/v1/prometheus/",
  "/v1/labels",
  "/metrics",
  "/readyz",
];
const NAMES = ["labels", "prefixes", "selector", "label", "port", "__proto__", "x"];
const FRAGMENTS = [
  "%",
  "%zz",
  "%00",
  "%ff",
  "&",
  "=",
  ",",
  "(",
  ")",
  "!",
  "in",
  "notin",
  ">",
  "<",
  " ",
  "a",
  "service:smtp",
  "é",
  "🐍",
  "/",
  "#",
  "1e9",
  "-",
];

const text = fc.oneof(
  fc.array(fc.constantFrom(...FRAGMENTS)).map((fragments) => fragments.join("")),
  fc.string({ unit: "binary", maxLength: 50 }).map((value) => encodeURIComponent(value.toWellFormed())),
);
const query = fc.array(fc.tuple(fc.constantFrom(...NAMES), text), { maxLength: 4 });
const headerValue = fc.stringMatching(/^[\x21-\x7e\xa1-\xff]{0,30}$/);
const headers = fc.record(
  { Accept: headerValue, "If-None-Match": headerValue, Origin: headerValue, Authorization: headerValue },
  { requiredKeys: [] },
);
const request = fc.record({
  method: fc.constantFrom("GET", "HEAD", "POST", "DELETE", "PUT", "OPTIONS"),
  path: fc.constantFrom(...PATHS),
  rest: text,
  query,
  headers,
  body: fc.uint8Array({ maxLength: 200 }),
});

const CERTAIN = new Set([200, 304, 400, 403, 404, 405]);

it("no request makes a 500, or a 200 that is no JSON", async () => {
  const { app, presence, log } = await appUnderTest();
  presence.known = [host("a.example.com", "prometheus:a", "service:smtp"), host("é", "a", "__proto__:x")];
  await fc.assert(
    fc.asyncProperty(request, async ({ method, path, rest, query: pairs, headers: given, body }) => {
      const search = pairs.map(([name, value]) => `${name}=${value}`).join("&");
      const target = `${path === "/v1/prometheus/" ? path + rest : path}?${search}`;
      const init =
        method === "GET" || method === "HEAD" ? { method, headers: given } : { method, headers: given, body };
      const response = await app.request(new Request(new URL(target, "http://localhost"), init));
      expect(CERTAIN, `${method} ${target}`).toContain(response.status);
      const answer = await response.text();
      if (response.status === 200 && method === "GET" && path.startsWith("/v1/")) JSON.parse(answer);
    }),
    { numRuns: 1500 },
  );
  expect(log.at("error")).toEqual([]);
});

it("what is posted is read back, or refused whole", async () => {
  const { app, labels } = await appUnderTest();
  const body = fc.string({
    unit: fc.constantFrom("a", "b", ":", "\n", "\r", " ", "\t", "\u0007", "é", "\u2028"),
    maxLength: 12,
  });
  await fc.assert(
    fc.asyncProperty(body, async (posted) => {
      const before = await labels.read();
      const { status } = await app.request("/v1/labels", { method: "POST", body: posted });
      const wanted = posted
        .split("\n")
        .map((line) => line.trim())
        .filter((line) => line !== "");
      const after = await labels.read();
      if (status === 200) expect(new Set(after)).toEqual(new Set([...before, ...wanted]));
      else expect(after).toEqual(before);
      expect(status).toBe(wanted.length === 0 || /[\u0007\t\r]/.test(wanted.join("")) ? 400 : 200);
      expect((await app.request("/v1/labels", { method: "DELETE", body: after.join("\n") || "none" })).status).toBe(
        200,
      );
    }),
    { numRuns: 200 },
  );
});
