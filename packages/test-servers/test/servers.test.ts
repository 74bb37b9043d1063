import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { connect } from "node:net";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { freePort, startNats, startPrometheus, startRedis, waitUntil } from "../src/index.ts";

test("no port is given twice, not to another process either, as long as the first lives", async () => {
  const ports = new Set<number>();
  for (let count = 0; count < 200; count++) ports.add(await freePort());
  expect(ports.size).toBe(200);
  const program = `
    import { createSocket } from "node:dgram";
    const taken = ${JSON.stringify([...ports])};
    for (const port of taken) {
      await new Promise((resolve, reject) => {
        const socket = createSocket("udp4").once("error", resolve);
        socket.bind({ port, address: "127.0.0.1", exclusive: true }, () => reject(new Error("port " + port + " is free")));
      });
    }`;
  const [code] = (await once(spawn(process.execPath, ["--input-type=module", "-e", program]), "exit")) as [number];
  expect(code).toBe(0);
});

test("a wait counts the time that somebody stood still once, and looks once more before it gives up", async () => {
  let looks = 0;
  await waitUntil(
    "the third look",
    async () => {
      await new Promise((resolve) => setTimeout(resolve, 400));
      return ++looks === 3;
    },
    300,
  );
  await expect(waitUntil("never", () => false, 100)).rejects.toThrow("waited 100 ms in vain until never");
});

test("redis keeps what it acknowledged through SIGKILL, and loses it when restarted empty", async () => {
  const redis = await startRedis();
  try {
    expect(await redis.cli("set", "key", "value")).toBe("OK");
    await redis.kill();
    await expect(redis.cli("ping")).rejects.toThrow("Connection refused");
    await redis.restart();
    expect(await redis.cli("get", "key")).toBe("value");
    await redis.restart({ empty: true });
    expect(await redis.cli("get", "key")).toBe("");
  } finally {
    await redis.stop();
  }
  expect(existsSync(dirname(redis.data))).toBe(false);
});

test("a frozen redis answers nothing until it is thawed", async () => {
  const redis = await startRedis();
  try {
    redis.freeze();
    let answered = false;
    const ping = redis.cli("ping").then((answer) => {
      answered = true;
      return answer;
    });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(answered).toBe(false);
    redis.thaw();
    expect(await ping).toBe("PONG");
  } finally {
    await redis.stop();
  }
});

test("nats answers with JetStream on and comes back on its port", async () => {
  const nats = await startNats();
  try {
    expect(await infoLine(nats.port)).toContain('"jetstream":true');
    await nats.kill();
    await expect(infoLine(nats.port)).rejects.toThrow("ECONNREFUSED");
    await nats.restart({ empty: true });
    expect(await infoLine(nats.port)).toContain('"jetstream":true');
  } finally {
    await nats.stop();
  }
});

test("prometheus runs with the configuration given as an object", async () => {
  const prometheus = await startPrometheus({ config: { global: { external_labels: { site: "test" } } } });
  try {
    const answer = await fetch(`${prometheus.url}/api/v1/status/config`);
    expect(await answer.text()).toContain("site: test");
  } finally {
    await prometheus.stop();
  }
});

test("nothing is left behind when the test's process is killed", async () => {
  const program = `
    import { startRedis } from ${JSON.stringify(fileURLToPath(new URL("../src/index.ts", import.meta.url)))};
    const redis = await startRedis();
    console.log(JSON.stringify({ port: redis.port, data: redis.data }));
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let line = "";
  child.stdout.on("data", (chunk: Buffer) => (line += chunk.toString()));
  await waitUntil("it tells", () => line.endsWith("\n"));
  const { port, data } = JSON.parse(line) as { port: number; data: string };
  expect(existsSync(data)).toBe(true);
  child.kill("SIGKILL");
  await waitUntil("its folder is gone", () => !existsSync(dirname(data)));
  await waitUntil("nobody listens", () => isRefused(port));
});

function isRefused(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    socket.once("error", ({ message }) => resolve(message.includes("ECONNREFUSED")));
    socket.once("connect", () => {
      socket.destroy();
      resolve(false);
    });
  });
}

function infoLine(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port });
    socket.once("error", reject);
    socket.once("data", (chunk) => {
      socket.destroy();
      resolve(chunk.toString());
    });
  });
}
