import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Driver } from "@org/discovery-core";
import { waitUntil } from "@org/discovery-test-servers";
import { connect, type ConnectionOptions } from "nats";
import { onTestFinished, test } from "vitest";
import { startCluster, type Cluster } from "./cluster.ts";
import { natsDriverWith } from "./context.ts";

type Options = Parameters<typeof natsDriverWith>[0];

async function clusterForTest(args: readonly string[] = []): Promise<Cluster> {
  const cluster = await startCluster(args);
  onTestFinished(() => cluster.stop());
  return cluster;
}

async function driverForTest(options: Options): Promise<Driver> {
  const driver = natsDriverWith({ ...options, store: false });
  onTestFinished(() => driver.close());
  await driver.start();
  return driver;
}

/** Waits until the first server has told its clients of the two others. */
async function allTold(options: ConnectionOptions): Promise<void> {
  const connection = await connect(options);
  await waitUntil("it tells of the others", () => (connection.info?.connect_urls ?? []).length === 3, 20_000);
  await connection.close();
}

/** Resolves when a server that lives has taken a message of the driver's. */
function works(driver: Driver): Promise<void> {
  const isTaken = (): Promise<boolean> =>
    driver.bus.publish("lobby.discovery", "hi").then(
      () => true,
      () => false,
    );
  return waitUntil("another server is found", isTaken);
}

test("any of three servers returns: who knows that one alone is up within two seconds, though leaders are still elected", async () => {
  const { servers } = await clusterForTest(["--no_advertise"]);
  for (const server of servers) {
    const driver = await driverForTest({ servers: [server.url] });
    const isUp = (): boolean => driver.link.state === "up";
    await server.kill();
    await waitUntil("the loss is noticed", () => !isUp(), 5000);
    await server.restart();
    await waitUntil("it is up", isUp, 2000);
    server.freeze();
    await waitUntil("the silence is noticed", () => !isUp(), 5000);
    server.thaw();
    await waitUntil("it is up again", isUp, 2000);
  }
});

test("servers that joined the cluster later are known when the first one dies", async () => {
  const { servers, urls } = await clusterForTest();
  const [first, ...others] = servers;
  for (const other of others) await other.kill();
  const driver = await driverForTest({ servers: [first.url] });
  for (const other of others) await other.restart();
  await allTold({ servers: urls[0]! });
  for (let proof = 0; proof < 2; proof++) {
    const { lastProof } = driver.link;
    await waitUntil("an answer", () => driver.link.lastProof > lastProof);
  }
  await first.kill();
  await works(driver);
});

test("of a cluster with TLS the others, known by their addresses, need the name of the one that is known", async () => {
  const folder = mkdtempSync(join(tmpdir(), "discovery-nats-members-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  const request = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"];
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
  execFileSync("openssl", [...request, "-keyout", key, "-out", cert, ...subject], { stdio: "ignore" });
  const { servers } = await clusterForTest(["--tls", "--tlscert", cert, "--tlskey", key]);
  const url = servers[0].url.replace("127.0.0.1", "localhost");
  await allTold({ servers: url, tls: { caFile: cert } });
  const driver = await driverForTest({ servers: [url], tlsCa: cert });
  await servers[0].kill();
  await works(driver);
});
