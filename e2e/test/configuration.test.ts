import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Discoveryd } from "./discoveryd.ts";
import { folderForTest } from "./folder.ts";
import { redisForTest } from "./redis.ts";
import { runDiscoveryd } from "./run-discoveryd.ts";

test("a wrong configuration ends with 78 and one line for each mistake: name, expected, value, source", async () => {
  const folder = await folderForTest();
  const file = join(folder, "config.yaml");
  await writeFile(file, "log-level: loud\nclean-evry: 3s\n");
  const { code, stdout, stderr } = await runDiscoveryd(
    ["--config", file, "--listen=perhaps", "--no-such-flag", "--hostname", "a b"],
    { HOME: folder, PORT: "abc", KEEP_ALIVE: "40", REDIS_PORT: "0", TOKEN_FILE: join(folder, "missing") },
  );
  expect([code, stdout]).toEqual([78, ""]);
  const lines = stderr.trimEnd().split("\n");
  const expected: readonly [string, string, string][] = [
    ["--hostname: expected", "a b", "(from flag)"],
    ["--listen: expected true or false,", "perhaps", "(from flag)"],
    ["--no-such-flag: expected", "unknown flag", "(from flag)"],
    ["--ttl: expected a duration greater than KEEP_ALIVE (40, from environment),", "30", "(from default)"],
    ["PORT: expected a port number,", "abc", "(from environment)"],
    ["REDIS_PORT: expected a port number,", "0", "(from environment)"],
    ["TOKEN_FILE: expected a file that can be read,", "missing", "(from environment)"],
    ["log-level: expected", "loud", `(from ${file}:1)`],
    ['"clean-evry": expected the name of an option', "clean-every", `(from ${file}:2)`],
  ];
  for (const [name, value, source] of expected) {
    const line = lines.find((line) => line.startsWith(name));
    expect(line, name).toContain(value);
    expect(line?.endsWith(source), line).toBe(true);
  }
  expect(lines).toHaveLength(expected.length);
});

test("an address that others can reach needs a token, or a word that it is meant", async () => {
  const { code, stderr } = await runDiscoveryd([], { HOST: "0.0.0.0", HOME: await folderForTest() });
  expect(code).toBe(78);
  expect(stderr).toMatch(/^HOST: .*--insecure-listen.*0\.0\.0\.0.*\(from environment\)\n$/);
});

test("secrets come from files, protect, and are never shown", async () => {
  const folder = await folderForTest();
  const redis = await redisForTest({ password: "redis-secret" });
  const env = { TOKEN_FILE: join(folder, "token"), REDIS_PASSWORD_FILE: join(folder, "password") };
  await writeFile(env.TOKEN_FILE, "api-secret\n");
  await writeFile(env.REDIS_PASSWORD_FILE, "redis-secret\n");
  const flags = [
    "--driver",
    "redis",
    "--redis-port",
    String(redis.port),
    "--keep-alive",
    "500ms",
    "--log-level",
    "debug",
  ];

  const shown = await runDiscoveryd([...flags, "--show-config"], { ...env, HOME: folder });
  expect(shown.code).toBe(0);
  expect(shown.stdout).toMatch(/^ +token +\*\*\*\* +/m);
  expect(shown.stdout).toMatch(/^ +driver +redis +flag$/m);
  expect(shown.stdout + shown.stderr).not.toMatch(/api-secret|redis-secret/);

  const daemon = await Discoveryd.start({ env, flags });
  const status = async (path: string, authorization?: string): Promise<number> => {
    const headers = authorization === undefined ? {} : { Authorization: authorization };
    return (await daemon.fetch(path, { headers })).status;
  };
  for (const path of ["/", "/v1/discovery", "/v1/prometheus/node", "/v1/sd/hosts", "/metrics"]) {
    expect([path, await status(path)]).toEqual([path, 401]);
    expect([path, await status(path, "Token wrong")]).toEqual([path, 401]);
    expect([path, await status(path, "Token api-secret")]).toEqual([path, 200]);
  }
  const unauthorized = await daemon.fetch("/v1/labels", { method: "POST", body: "service:web" });
  expect(unauthorized.status).toBe(401);
  expect([await status("/healthz"), await status("/readyz")]).toEqual([200, 200]);
  expect(await daemon.log()).not.toMatch(/api-secret|redis-secret/);
});
