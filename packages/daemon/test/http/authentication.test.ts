import { describe, expect, it } from "vitest";
import { appUnderTest } from "./app-under-test.ts";

describe("with a token", () => {
  it.each(["Token s3cret", "token s3cret", "TOKEN  s3cret", "Bearer s3cret", "bearer s3cret "])(
    "lets %j through",
    async (authorization) => {
      const { app } = await appUnderTest({ token: "s3cret" });
      const response = await app.request("/", { headers: { Authorization: authorization } });
      expect(response.status).toBe(200);
    },
  );

  it.each([
    undefined,
    "",
    "Token",
    "Token ",
    "s3cret",
    "Token s3cre",
    "Token s3crett",
    "Token S3CRET",
    "Basic s3cret",
    "Token a s3cret",
  ])("answers 401 to %j", async (authorization) => {
    const { app } = await appUnderTest({ token: "s3cret" });
    const headers = authorization === undefined ? {} : { Authorization: authorization };
    const response = await app.request("/", { headers });
    expect(response.status).toBe(401);
    expect(response.headers.get("WWW-Authenticate")).toBe('Token realm="discovery"');
    expect(await response.text()).not.toContain("s3c");
  });

  it("takes a token of other letters, sent as UTF-8", async () => {
    const { app } = await appUnderTest({ token: "žluťoučký" });
    const bytes = Buffer.from("žluťoučký", "utf8").toString("latin1");
    expect((await app.request("/", { headers: { Authorization: `Token ${bytes}` } })).status).toBe(200);
  });

  it("takes one with spaces in it, and no part of it", async () => {
    const { app } = await appUnderTest({ token: "open sesame" });
    const status = async (sent: string): Promise<number> =>
      (await app.request("/", { headers: { Authorization: sent } })).status;
    expect(await Promise.all(["Token open sesame", "Bearer  open sesame "].map(status))).toEqual([200, 200]);
    expect(await Promise.all(["Token open", "Token sesame", "Token open  sesame"].map(status))).toEqual([
      401, 401, 401,
    ]);
  });

  it("keeps everything behind it but the health routes", async () => {
    const { app, labels } = await appUnderTest({ token: "s3cret" });
    const behind = [
      "/",
      "/v1/discovery",
      "/v1/discoveries",
      "/v1/resolve",
      "/v1/prometheus/x",
      "/v1/sd/hosts",
      "/metrics",
      "/x",
    ];
    for (const path of behind) expect((await app.request(path)).status, path).toBe(401);
    expect((await app.request("/v1/labels", { method: "POST", body: "x" })).status).toBe(401);
    expect(await labels.read()).toEqual([]);
    for (const path of ["/healthz", "/readyz"]) expect((await app.request(path)).status, path).toBe(200);
  });
});

describe("without a token", () => {
  it.each([undefined, ""])("%j asks for none", async (token) => {
    const { app } = await appUnderTest(token === undefined ? {} : { token });
    expect((await app.request("/")).status).toBe(200);
  });
});
