import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { VirtualClock } from "@org/discovery-core";
import { natsOptions } from "@org/discovery-driver-nats";
import { redisOptions } from "@org/discovery-driver-redis";
import { expect, test } from "vitest";
import { builtInDriver } from "../../src/drivers/built-in-drivers.ts";
import { driverMistakes } from "../../src/drivers/check-drivers.ts";
import { createDrivers } from "../../src/drivers/create-drivers.ts";
import { configFrom, resolveFrom, type Sources } from "../config/resolve-from.ts";
import { RecordingLog } from "../recording-log.ts";
import { temporaryFolder } from "../labels/temporary-folder.ts";

/** What is printed of the drivers that these sources give, in whatever order they came. */
async function mistakes(sources: Sources, folder = "/"): Promise<readonly string[]> {
  const { config, settings } = resolveFrom(sources);
  if (config === undefined) throw new Error("this is mistaken before any driver is asked");
  const context = { clock: new VirtualClock(), log: new RecordingLog(), random: () => 0.5 };
  const checked = await driverMistakes(config, { clock: context.clock, settings, folder });
  const created = createDrivers(config, { ...context, settings, folder });
  if (checked.length === 0) for (const { driver } of await created) await driver.close();
  else await expect(created).rejects.toMatchObject({ code: "invalid_argument", message: checked.join("\n") });
  return checked.map((line) => line.replaceAll(/\/[^ :]*\/test\.yaml/g, "test.yaml"));
}

/** The command line with these options for the driver. */
function options(driver: string, given: unknown, ...more: readonly string[]): Sources {
  return { argv: ["--driver", driver, "--driver-options", JSON.stringify({ [driver]: given }), ...more] };
}

test("what is right is no mistake", async () => {
  for (const driver of ["local", "redis", "nats,redis"]) {
    expect(await mistakes({ argv: ["--driver", driver, "--nats-url", "nats://a"] })).toEqual([]);
  }
});

test("every option that the daemon passes is one of the driver's, so that strict ones refuse no flag", () => {
  const config = configFrom({});
  for (const [name, { entries }] of Object.entries({ redis: redisOptions, nats: natsOptions })) {
    expect(Object.keys(entries)).toEqual(
      expect.arrayContaining(Object.keys(builtInDriver(name, config)?.options ?? {})),
    );
  }
});

test.each<[string, unknown, string]>([
  [
    "a misspelt one",
    { histryLimit: 5 },
    "histryLimit: expected an option of driver redis (did you mean historyLimit?), got 5",
  ],
  ["a strange one", { zzzzzzzz: [true] }, "zzzzzzzz: expected an option of driver redis, got [true]"],
  ["a text for a number", { historyLimit: "secret" }, 'historyLimit: expected a number, got "****"'],
  ["a number that is too small", { linkTimeoutMs: 1 }, "linkTimeoutMs: expected at least 100, got 1"],
  ["a fraction", { db: 1.5 }, "db: expected a whole number, got 1.5"],
  ["an empty text", { host: "" }, 'host: expected what is not empty, got "****"'],
  [
    "a message of the driver's",
    { url: "http://u:secret@h" },
    'url: expected redis://[[user]:password@]host[:port][/db] or rediss://…, got "****"',
  ],
  ["one of a list", { sentinels: ["a:b:c"], sentinelName: "m" }, 'sentinels.0: expected host:port, got "****"'],
  [
    "one that another limits",
    { waitReplicas: 1, waitTimeoutMs: 5000 },
    "waitTimeoutMs: expected less than --driver-options redis.linkTimeoutMs, got 5000",
  ],
  [
    "a file that is not there",
    { tlsCa: "/secret/ca.pem" },
    'tlsCa: expected a PEM file, got "****": ENOENT: no such file or directory',
  ],
])("of --driver-options: %s", async (_, given, line) => {
  const lines = await mistakes(options("redis", given));
  expect(lines).toEqual([`--driver-options redis.${line} (from flag)`]);
  expect(lines.join()).not.toContain("secret");
});

test("all are told at once, of all drivers", async () => {
  const given = { redis: { a1: 1, b1: 2, db: -1 }, nats: { history: 0 }, rediss: { url: "secret" } };
  const yaml = `driver: [redis, nats]\nnats-url: n\ndriver-options: '${JSON.stringify(given)}'`;
  expect(await mistakes({ yaml })).toEqual([
    'driver-options rediss: expected one of the drivers redis, nats, local (did you mean redis?), got {"url":"****"} (from test.yaml:3)',
    "driver-options redis.a1: expected an option of driver redis, got 1 (from test.yaml:3)",
    "driver-options redis.b1: expected an option of driver redis, got 2 (from test.yaml:3)",
    "driver-options redis.db: expected at least 0, got -1 (from test.yaml:3)",
    "driver-options nats.history: expected at least 1, got 0 (from test.yaml:3)",
  ]);
});

test("what was set by a flag, a variable or a key is told by that", async () => {
  const driver = ["--driver", "redis"];
  const missing = 'expected a PEM file, got "/nowhere/ca.pem": ENOENT: no such file or directory';
  expect(await mistakes({ argv: [...driver, "--redis-tls-ca", "/nowhere/ca.pem"] })).toEqual([
    `--redis-tls-ca: ${missing} (from flag)`,
  ]);
  expect(await mistakes({ argv: driver, environment: { REDIS_TLS_CA: "/nowhere/ca.pem" } })).toEqual([
    `REDIS_TLS_CA: ${missing} (from environment)`,
  ]);
  expect(await mistakes({ argv: driver, yaml: "redis-tls-ca: /nowhere/ca.pem" })).toEqual([
    `redis-tls-ca: ${missing} (from test.yaml:1)`,
  ]);
  expect(await mistakes({ argv: [...driver, "--redis-tls-cert=/c"], environment: { REDIS_TLS: "1" } })).toEqual([
    "--redis-tls-key: expected the key of --redis-tls-cert, got nothing (from default)",
  ]);
});

test("secrets of NATS are not shown, whoever complains", async () => {
  const nats = ["--nats-url", "nats://a:secret@h", "--nats-nkey", "SUsecret"];
  expect(await mistakes({ argv: nats })).toEqual([
    "--nats-nkey: expected the seed of an nkey (SU…), got a value that is not shown (from flag)",
  ]);
  expect(await mistakes({ argv: nats, environment: { NATS_TOKEN: "secret" } })).toEqual([
    "--nats-nkey: expected nothing, because of NATS_TOKEN, got a value that is not shown (from flag)",
  ]);
  expect(await mistakes({ argv: ["--nats-url=n", "--nats-creds=/nowhere/a.creds"] })).toEqual([
    '--nats-creds: expected a credentials file, got "/nowhere/a.creds": ENOENT: no such file or directory (from flag)',
  ]);
});

/** A schema of somebody who writes one by hand, which no bundler of the test can be in the way of. */
const DRIVER = `
const issue = (message, path = []) => ({ kind: "validation", type: "check", expected: null, received: "x", message, path, input: 0 });
const at = (key, input, value) => ({ type: "object", origin: "value", input, key, value });
export default {
  name: "acme",
  options: {
    kind: "schema", type: "object", entries: { port: {}, key: {} },
    "~run"(dataset) {
      const { value } = dataset;
      const issues = [];
      if (value.port === 1) issues.push(issue("must be \\nodd " + value.key, [at("port", value, 1)]), issue("again", [at("port", value, 1)]));
      if (value.port === 2) issues.push(issue("nobody likes it"));
      return issues.length === 0 ? { ...dataset, typed: true } : { ...dataset, typed: true, issues };
    },
  },
  create({ port, key }) {
    if (port === 3) throw Object.assign(new Error("licence of " + key + " ended\\nport: expected 4, got \\"3\\""), { name: "DiscoveryError", code: "invalid_argument" });
    return { name: "acme", close: async () => undefined };
  },
};`;

test("of a driver of somebody else, who may know nothing of how the daemon puts it", async () => {
  const folder = await temporaryFolder();
  const path = join(folder, "acme.mjs");
  await writeFile(path, DRIVER);
  const lines = async (given: unknown): Promise<readonly string[]> =>
    (await mistakes(options(path, given), folder)).map((line) => line.replaceAll(JSON.stringify(path), "PATH"));
  const key = "a secret";
  expect(await lines({ port: 4, key })).toEqual([]);
  expect(await lines({ port: 1, key, portt: 2 })).toEqual([
    "--driver-options PATH.portt: expected an option of driver acme (did you mean port?), got 2 (from flag)",
    "--driver-options PATH.port: expected what driver acme takes (must be \\u{a}odd ****), got 1 (from flag)",
  ]);
  expect(await lines({ port: 2, key })).toEqual([
    '--driver-options PATH: expected what driver acme takes (nobody likes it), got {"port":2,"key":"****"} (from flag)',
  ]);
  expect(await lines({ port: 3, key })).toEqual([
    '--driver-options PATH: expected what driver acme takes (licence of **** ended), got {"port":3,"key":"****"} (from flag)',
    '--driver-options PATH.port: expected 4, got "3" (from flag)',
  ]);
});

test("a driver that can't be loaded, or is none, is told by who names it", async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, "none.mjs"), "export const driver = {};");
  expect(await mistakes({ environment: { DRIVER: "rediss" } }, folder)).toEqual([
    expect.stringMatching(
      /^DRIVER: expected a driver that can be loaded \(did you mean redis\?\), got "rediss": .*rediss.* \(from environment\)$/,
    ),
  ]);
  const both = ["--driver", `${folder}/none.mjs,${folder}/gone.mjs`];
  const [none, gone, ...more] = await mistakes({ argv: both }, folder);
  expect(none).toBe(
    `--driver: expected a module whose default export is a driver factory { name, options, create }, got "${folder}/none.mjs" (from flag)`,
  );
  expect(gone).toContain(`--driver: expected a driver that can be loaded, got "${folder}/gone.mjs": `);
  expect(more).toEqual([]);
});

test("a driver that fails for another reason is no mistake of the configuration", async () => {
  const folder = await temporaryFolder();
  const path = join(folder, "broken.mjs");
  await writeFile(path, DRIVER.replace(/create[^]*/, `create() { throw new TypeError("broken"); } };`));
  await expect(mistakes(options(path, {}), folder)).rejects.toThrow("broken");
});
