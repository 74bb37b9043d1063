import { beforeEach, describe, expect, it } from "vitest";
import { appUnderTest, host } from "../app-under-test.ts";
import { livingRegistry } from "../living-registry.ts";
import { registryApp, WEB, type RegistryApp } from "./registry-requests.ts";

let under: RegistryApp;

beforeEach(async () => {
  under = await registryApp();
});

async function history(query: string): Promise<Record<string, unknown>[]> {
  await under.registry.audit.settled();
  return (await under.get(`/v1/history?${query}`)).body["entries"] ?? [];
}

describe("GET /v1/history", () => {
  it("tells who did what to what, when and why, the newest first", async () => {
    await under.delete(`/v1/services/default?id=${encodeURIComponent(WEB)}&reason=${encodeURIComponent("moved away")}`);
    const [last, ...rest] = await history("");
    expect(last).toMatchObject({
      action: "unregistered",
      kind: "service",
      name: "web",
      namespace: "default",
      endpoint: WEB,
      actor: "anonymous",
      reason: "moved away",
      before: { selector: "env=prod" },
    });
    expect(Math.abs(Date.parse(String(last?.["at"])) - Date.now())).toBeLessThan(10_000);
    expect(rest.map(({ kind, name }) => `${String(kind)} ${String(name)}`)).toEqual([
      "service probe",
      "service web",
      "namespace bb",
      "server p3",
      "server p2",
      "server p1",
    ]);
  });

  it.each([
    ["kind=server", 3],
    ["name=p1", 1],
    ["namespace=bb", 1],
    [`endpoint=${encodeURIComponent(WEB)}`, 1],
    ["actor=anonymous", 6],
    ["actor=nobody", 0],
    ["action=registered", 6],
    ["kind=server&name=web", 0],
    ["limit=2", 2],
    ["since=1h", 6],
    ["until=1h", 0],
    ["until=3600", 0],
    ["since=2999-01-01T00:00:00Z", 0],
    ["until=2999-01-01T00:00:00%2B01:00", 6],
    ["until=2999-01-01T00:00:00+01:00", 6],
  ])("%s", async (query, count) => {
    expect(await history(query)).toHaveLength(count);
  });

  it.each(["since=yesterday", "limit=0", "limit=-1", "limit=1000000", "limit=1&limit=2", "since=2026-99-99T00:00:00Z"])(
    "%s is refused",
    async (query) => {
      expect((await under.get(`/v1/history?${query}`)).status).toBe(400);
    },
  );

  it("has what a drain moved, and that the guard was told that a loss is real", async () => {
    await under.post("/v1/servers/p1/drain", { reason: "repair" });
    await under.post("/v1/servers/p2/drain", { reason: "repair" });
    const moved = await history("action=assignment+moved");
    expect(moved[0]).toMatchObject({ kind: "server", reason: "repair" });
    expect(moved.at(0)?.["detail"]).toContain("to nobody");
    under.presence.known = [{ ...host("a.example.com"), status: "held" }];
    await under.post("/v1/guard/accept?reason=fire");
    expect(await history("action=guard+accepted")).toMatchObject([
      { kind: "guard", reason: "fire", detail: "1 hosts and 0 services let go" },
    ]);
  });

  it("is a 501 where no history is kept, and a 503 until the registry was read", async () => {
    const registry = await livingRegistry();
    const { app } = await appUnderTest({ registry: { ...registry, audit: undefined } });
    expect((await app.request("/v1/history")).status).toBe(501);
    registry.whyNotReady = { code: "unavailable", reason: "not yet", retryAfterSeconds: 3 };
    const early = await appUnderTest({ registry });
    const answer = await early.app.request("/v1/history");
    expect([answer.status, answer.headers.get("Retry-After")]).toEqual([503, "3"]);
  });
});
