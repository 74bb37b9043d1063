import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startNats, waitUntil, type NatsServer } from "@org/discovery-test-servers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { natsDriverWith, natsKeeperWith } from "./context.ts";

const folder = mkdtempSync(join(tmpdir(), "discovery-nats-tls-"));
const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
let server: NatsServer;
let plain: NatsServer;

beforeAll(async () => {
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,DNS:nats.example"];
  execFileSync(
    "openssl",
    [
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"],
      ...["-keyout", key, "-out", cert, ...subject],
    ],
    { stdio: "ignore" },
  );
  // It asks for a certificate of the client's, too.
  server = await startNats({ args: ["--tlsverify", "--tlscert", cert, "--tlskey", key, "--tlscacert", cert] });
  plain = await startNats();
});

afterAll(async () => {
  await server.stop();
  await plain.stop();
  rmSync(folder, { recursive: true });
});

const mutual = { tlsCa: cert, tlsCert: cert, tlsKey: key };
const local = (): string => server.url.replace("127.0.0.1", "localhost");

test("a server and a client that know each other's certificate", async () => {
  for (const options of [
    { servers: [local()], ...mutual },
    { servers: [local().replace("nats:", "tls:")], ...mutual },
    { servers: [server.url], ...mutual, tlsServerName: "nats.example" },
  ]) {
    const driver = natsKeeperWith(options);
    await driver.start();
    expect(await driver.store.put("service/a", "1")).toBeGreaterThan(0);
    await driver.close();
  }
});

test.each([
  ["TLS that nobody asked for, and no authority", () => ({ servers: [local()] }), /self-signed certificate/],
  ["no authority given", () => ({ servers: [local()], tlsCert: cert, tlsKey: key }), /self-signed certificate/],
  [
    "another name",
    () => ({ servers: [local()], ...mutual, tlsServerName: "other.example" }),
    /does not match certificate/,
  ],
  [
    "an address that the certificate does not have",
    () => ({ servers: [server.url], ...mutual }),
    /does not match certificate/,
  ],
  [
    "no certificate of the client's",
    () => ({ servers: [local()], tlsCa: cert }),
    /alert (bad certificate|certificate required)/,
  ],
  ["a server without TLS", () => ({ servers: [plain.url], tls: true }), /does not offer TLS/],
])("%s: no connection, and the reason is told", async (_, options, reason) => {
  const driver = natsDriverWith(options());
  const started = driver.start().catch((error: unknown) => error);
  // A slow server may have been given up before it came to that.
  await waitUntil("the reason is told", () => reason.test(driver.link.lastError?.message ?? ""));
  expect(driver.link.state).toBe("down");
  await driver.close();
  await started;
});

test("a file that is gone since is told, and taken up when it is back", async () => {
  const tlsCa = join(folder, "ca.pem");
  copyFileSync(cert, tlsCa);
  const driver = natsDriverWith({ servers: [local()], ...mutual, tlsCa });
  rmSync(tlsCa);
  const started = driver.start();
  await waitUntil("the reason is told", () => /ca\.pem/.test(driver.link.lastError?.message ?? ""));
  copyFileSync(cert, tlsCa);
  await started;
  expect(driver.link.state).toBe("up");
  await driver.close();
});
