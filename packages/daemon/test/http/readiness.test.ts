import { beforeEach, describe, expect, it } from "vitest";
import { appUnderTest, type AppUnderTest } from "./app-under-test.ts";

const READS = ["/", "/v1/discoveries", "/v1/resolve?label=x", "/v1/prometheus/node", "/v1/sd/hosts"];

let app: AppUnderTest["app"];
let presence: AppUnderTest["presence"];

beforeEach(async () => {
  ({ app, presence } = await appUnderTest());
});

describe("while the fleet is not known", () => {
  it.each(READS)("%s answers 503 and says when to come back", async (path) => {
    presence.whyNotReady = { code: "unavailable", reason: "still listening for hosts", retryAfterSeconds: 2.1 };
    const response = await app.request(path);
    expect([response.status, await response.text()]).toEqual([503, "still listening for hosts"]);
    expect(response.headers.get("Retry-After")).toBe("3");
  });

  it("/readyz says so, /healthz does not mind", async () => {
    presence.whyNotReady = { code: "unavailable", reason: "still listening for hosts", retryAfterSeconds: 0 };
    const response = await app.request("/readyz");
    expect([response.status, response.headers.get("Retry-After")]).toEqual([503, "1"]);
    expect((await app.request("/healthz")).status).toBe(200);
  });
});

describe("on a daemon that only announces", () => {
  it.each(READS)("%s answers 501", async (path) => {
    presence.whyNotReady = { code: "unimplemented", reason: "this daemon only announces (LISTEN=false)" };
    const response = await app.request(path);
    expect([response.status, await response.text()]).toEqual([501, "this daemon only announces (LISTEN=false)"]);
    expect(response.headers.get("Retry-After")).toBeNull();
  });

  it("/readyz is ready", async () => {
    presence.whyNotReady = { code: "unimplemented", reason: "this daemon only announces (LISTEN=false)" };
    expect((await app.request("/readyz")).status).toBe(200);
  });
});

describe("while the backend is out of reach", () => {
  it.each([...READS, "/readyz"])("%s answers, and says how stale that is", async (path) => {
    presence.stale = 12.7;
    const response = await app.request(path);
    expect([response.status, response.headers.get("X-Discovery-Stale")]).toEqual([200, "12"]);
    presence.stale = undefined;
    expect((await app.request(path)).headers.get("X-Discovery-Stale")).toBeNull();
  });

  it("says so beside a 304 and a 503 too", async () => {
    presence.stale = 5;
    const known = await app.request("/v1/sd/hosts", { headers: { "If-None-Match": "*" } });
    expect([known.status, known.headers.get("X-Discovery-Stale")]).toEqual([304, "5"]);
    presence.whyNotReady = { code: "unavailable", reason: "no host heard yet", retryAfterSeconds: 1 };
    const unknown = await app.request("/v1/sd/hosts");
    expect([unknown.status, unknown.headers.get("X-Discovery-Stale")]).toEqual([503, "5"]);
  });
});
