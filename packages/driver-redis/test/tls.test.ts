import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startRedis, waitUntil, type RedisServer } from "@org/discovery-test-servers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connectTo } from "./connect.ts";

let redis: RedisServer;
const folder = mkdtempSync(join(tmpdir(), "discovery-tls-"));
const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];

beforeAll(async () => {
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,DNS:redis.example"];
  execFileSync(
    "openssl",
    [
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"],
      ...["-keyout", key, "-out", cert, ...subject],
    ],
    { stdio: "ignore" },
  );
  redis = await startRedis({ tls: { ca: cert, cert, key } });
});

afterAll(async () => {
  await redis.stop();
  rmSync(folder, { recursive: true });
});

test("a server whose certificate the given authority signed", async () => {
  for (const options of [
    { url: redis.url, tlsCa: cert },
    { host: "127.0.0.1", port: redis.port, tlsCa: cert, tlsServerName: "redis.example", tlsCert: cert, tlsKey: key },
  ]) {
    const driver = connectTo(options);
    await driver.start();
    expect(await driver.store.put("service/a", "1")).toBeGreaterThan(0);
    await driver.close();
  }
});

test.each([
  ["no authority given", () => ({ url: redis.url }), "self-signed certificate"],
  ["another name", () => ({ host: "127.0.0.1", port: redis.port, tlsCa: cert }), "does not match certificate"],
  ["no TLS spoken", () => ({ url: redis.url.replace("rediss:", "redis:") }), ""],
])("%s: no connection, and the reason is told", async (_, options, reason) => {
  const driver = connectTo(options());
  const started = driver.start().catch((error: unknown) => error);
  await waitUntil("the reason", () => driver.link.lastError?.message.includes(reason) === true);
  expect(driver.link.state).toBe("down");
  await driver.close();
  await started;
});
