import { DiscoveryError, type ErrorCode } from "@org/discovery-core";
import { Hono } from "hono";
import { describe, expect, it } from "vitest";
import { thrownHandler } from "../../src/http/errors.ts";
import { RecordingLog } from "../recording-log.ts";
import { appUnderTest } from "./app-under-test.ts";

function throwing(error: unknown): { app: Hono; log: RecordingLog } {
  const log = new RecordingLog();
  const app = new Hono();
  app.onError(thrownHandler(log));
  app.get("/", () => {
    throw error;
  });
  return { app, log };
}

describe("what a handler throws", () => {
  const statuses: [ErrorCode, number][] = [
    ["invalid_argument", 400],
    ["unauthenticated", 401],
    ["permission_denied", 403],
    ["not_found", 404],
    ["revision_conflict", 409],
    ["unimplemented", 501],
    ["unavailable", 503],
    ["outcome_unknown", 504],
  ];

  it.each(statuses)("%s is %i", async (code, status) => {
    const { app, log } = throwing(new DiscoveryError(code, "the reason"));
    const response = await app.request("/");
    expect([response.status, await response.text()]).toEqual([status, "the reason"]);
    expect(response.headers.get("Content-Type")).toMatch(/^text\/plain/);
    expect(response.headers.get("Retry-After")).toBe(code === "unavailable" ? "5" : null);
    expect(log.lines).toEqual([]);
  });

  it("is logged where nobody foresaw it, and the client learns nothing of it", async () => {
    const { app, log } = throwing(new Error("password=hunter2 at /etc/secret"));
    const response = await app.request("/?token=s3cret");
    expect(response.status).toBe(500);
    expect(await response.text()).not.toMatch(/hunter2|secret/);
    expect(log.at("error")[0]?.fields).toMatchObject({
      err: { message: "password=hunter2 at /etc/secret" },
      path: "/",
    });
    expect(JSON.stringify(log.lines)).not.toContain("s3cret");
  });
});

describe("the form of an error", () => {
  it.each(["application/json", "application/problem+json", "text/plain;q=0.5, application/json", "application/*"])(
    "is a problem document for Accept: %s",
    async (accept) => {
      const { app } = throwing(new DiscoveryError("not_found", "no such thing"));
      const response = await app.request("/", { headers: { Accept: accept } });
      expect(response.headers.get("Content-Type")).toBe("application/problem+json");
      expect(await response.json()).toEqual({
        type: "about:blank",
        title: "Not Found",
        status: 404,
        detail: "no such thing",
        code: "not_found",
      });
    },
  );

  it.each(["", "*/*", "text/html", "text/plain, application/json;q=0.9", "application/json;q=0", ";;,,"])(
    "is plain text for Accept: %j",
    async (accept) => {
      const { app } = throwing(new DiscoveryError("not_found", "no such thing"));
      const response = await app.request("/", { headers: { Accept: accept } });
      expect(await response.text()).toBe("no such thing");
    },
  );
});

describe("what is no route", () => {
  it.each(["/v2", "/v1/discoveries/", "/v1/prometheus/a/b", "/v1/prometheus/", "/index.html"])(
    "%s is 404",
    async (path) => {
      const { app } = await appUnderTest();
      const response = await app.request(path, { headers: { Accept: "application/json" } });
      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({ code: "not_found" });
    },
  );

  it("is named in one line, however it is written", async () => {
    const { app } = await appUnderTest();
    const text = async (path: string): Promise<string> => (await app.request(path)).text();
    expect(await text("/v1/x%0Ay")).toBe('no such route: "/v1/x\\ny"');
    expect((await text(`/${"x".repeat(5000)}`)).length).toBeLessThan(300);
  });

  it.each([
    ["POST", "/", "GET, HEAD"],
    ["DELETE", "/v1/discoveries", "GET, HEAD"],
    ["GET", "/v1/labels", "DELETE, POST"],
    ["HEAD", "/v1/labels", "DELETE, POST"],
    ["OPTIONS", "/v1/labels", "DELETE, POST"],
    ["PUT", "/v1/prometheus/node", "GET, HEAD"],
    ["PATCH", "/healthz", "GET, HEAD"],
  ])("%s %s is 405 with Allow: %s", async (method, path, allow) => {
    const { app } = await appUnderTest();
    const response = await app.request(path, { method });
    expect([response.status, response.headers.get("Allow")]).toEqual([405, allow]);
  });
});
