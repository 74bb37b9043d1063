import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { configFrom, mistakesFrom, resolveFrom, withFolder } from "./resolve-from.ts";

test("with nothing set, the daemon runs embedded on loopback", () => {
  expect(configFrom({})).toEqual({
    http: { listen: { host: "127.0.0.1", port: 1313 }, insecureListen: false, disableApi: false, token: undefined },
    driver: { names: ["local"], options: {}, dataDir: "/home/ann/.local/share/discovery" },
    redis: expect.objectContaining({
      host: "127.0.0.1",
      port: 6379,
      db: 0,
      channel: "lobby:discovery",
      sentinels: [],
      cluster: [],
    }),
    nats: expect.objectContaining({ servers: [], channel: "lobby.discovery" }),
    registry: { replicas: 1, strategy: "rendezvous", auditLimit: 1000 },
    presence: {
      labels: [],
      labelsPath: "/home/ann/.local/share/discovery/labels",
      runtimeLabelsFilename: "_runtime",
      hostname: undefined,
      keepAliveMs: 5000,
      ttlMs: 30_000,
      cleanEveryMs: 15_000,
      nodeExporterPort: 9100,
      register: true,
      listen: true,
      packets: "auto",
    },
    guard: { share: 0.3, holdMs: 900_000, lingerMs: 0 },
    signing: { keys: [], mode: "enforce", windowMs: 30_000 },
    callback: {
      commands: [],
      minWaitMs: 0,
      maxWaitMs: undefined,
      cooldownMs: 15_000,
      firstRunDelayMs: 30_000,
      timeoutMs: 60_000,
    },
    webhook: { urls: [], keys: [], timeoutMs: 10_000 },
    exporter: {
      server: undefined,
      directory: "/tmp/discovery",
      resyncMs: 3_600_000,
      fileMode: 0o600,
      from: undefined,
    },
    log: { level: "info", format: "auto" },
  });
});

test("variables of lobby's table mean what they mean there", () => {
  const environment = {
    TOKEN: "secret",
    HOST: "0.0.0.0",
    PORT: "1314",
    DISABLE_API: "t",
    DRIVER: "Redis",
    REDIS_DB: "2",
    LABELS: "service:ns, ns:primary,",
    KEEP_ALIVE: "0.5",
    TTL: "2",
    REGISTER: "F",
    CALLBACK: "/bin/x --flag 'a b'",
    NODE_EXPORTER_PORT: "9101",
    HOSTNAME: "box",
  };
  const config = configFrom({ environment });
  expect(config.http).toMatchObject({ listen: { host: "0.0.0.0", port: 1314 }, token: "secret", disableApi: true });
  expect(config.driver.names).toEqual(["redis"]);
  expect(config.redis.db).toBe(2);
  expect(config.presence).toMatchObject({
    labels: ["service:ns", "ns:primary"],
    keepAliveMs: 500,
    ttlMs: 2000,
    register: false,
    hostname: "box",
  });
  expect(config.callback.commands).toEqual([["/bin/x", "--flag", "a b"]]);
});

describe("HOST and PORT", () => {
  const yaml = "http-listen: '[::1]:5'";

  test("each replace their part of the default and of the file", () => {
    expect(configFrom({ environment: { HOST: "localhost" } }).http.listen).toEqual({ host: "localhost", port: 1313 });
    expect(configFrom({ environment: { PORT: "7" } }).http.listen).toEqual({ host: "127.0.0.1", port: 7 });
    expect(configFrom({ environment: { PORT: "7" }, yaml }).http.listen).toEqual({ host: "::1", port: 7 });
    expect(configFrom({ environment: { HOST: "::1", PORT: "7" } }).http.listen).toEqual({ host: "::1", port: 7 });
  });

  test("yield to the flag and the prefixed variable, mistaken or not", () => {
    const environment = { HOST: "no host", PORT: "abc" };
    expect(configFrom({ environment, argv: ["--http-listen", "localhost:1"] }).http.listen.port).toBe(1);
    expect(configFrom({ environment: { ...environment, DISCOVERY_HTTP_LISTEN: "localhost:2" } }).http.listen.port).toBe(
      2,
    );
  });

  test("are blamed each by its name, and don't hide a mistake below them", () => {
    expect(mistakesFrom({ environment: { HOST: "a b", PORT: "abc" }, yaml: "http-listen: x" })).toEqual([
      'http-listen: expected HOST:PORT, with an IPv6 address in brackets, got "x" (from test.yaml:1)',
      'HOST: expected a host name or IP address, got "a b" (from environment)',
      'PORT: expected a port number, got "abc" (from environment)',
    ]);
  });
});

describe("drivers", () => {
  test("nats where NATS_URL is set and DRIVER is not, as in lobby", () => {
    expect(configFrom({ environment: { NATS_URL: "tls://nats.example.com:4222" } }).driver.names).toEqual(["nats"]);
    expect(configFrom({ environment: { NATS_URL: "nats://n", DRIVER: "redis" } }).driver.names).toEqual(["redis"]);
    expect(configFrom({ environment: { NATS_URL: "" } }).driver.names).toEqual(["local"]);
    for (const nothing of ["", " ", ","]) {
      expect(configFrom({ argv: [`--nats-url=${nothing}`] }).driver.names).toEqual(["local"]);
    }
    expect(configFrom({ yaml: "nats-url: []" }).driver.names).toEqual(["local"]);
  });

  test("several, each once, built-in ones in any case", () => {
    expect(configFrom({ argv: ["--driver", "REDIS,./My-Driver.js", "--driver=redis"] }).driver.names).toEqual([
      "redis",
      "./My-Driver.js",
    ]);
    expect(configFrom({ argv: ["--driver", "@acme/driver,/opt/d.mjs"] }).driver.names).toEqual([
      "@acme/driver",
      "/opt/d.mjs",
    ]);
  });

  test.each(["Bad Name", "-", "a/b/c", "http://x", "..", "/"])("%j is none", (name) => {
    expect(mistakesFrom({ environment: { DRIVER: name } })).toHaveLength(name === "-" ? 0 : 1);
  });

  test("nats needs a server", () => {
    expect(mistakesFrom({ environment: { DRIVER: "NATS" } })).toEqual([
      "--nats-url: expected the URL of a NATS server, because of DRIVER (NATS, from environment), got nothing (from default)",
    ]);
  });
});

describe("folders", () => {
  const dataDir = (environment: Record<string, string>, isRoot = false): string =>
    configFrom({ environment, isRoot }).driver.dataDir;

  test("data: systemd's, the user's, the system's for root", () => {
    expect(dataDir({ XDG_DATA_HOME: "/data" })).toBe("/data/discovery");
    expect(dataDir({ XDG_DATA_HOME: "relative" })).toBe("/home/ann/.local/share/discovery");
    expect(dataDir({}, true)).toBe("/var/lib/discovery");
    expect(dataDir({ STATE_DIRECTORY: "/var/lib/a:/var/lib/b", XDG_DATA_HOME: "/data" }, true)).toBe("/var/lib/a");
    expect(dataDir({ DISCOVERY_DATA_DIR: "/mine" }, true)).toBe("/mine");
  });
});

describe("secrets", () => {
  test("come from the files that <NAME>_FILE names, without the newline at the end", () => {
    withFolder((folder) => {
      const path = join(folder, "token");
      for (const [text, token] of [
        ["abc\n", "abc"],
        ["abc\r\n", "abc"],
        [" a \n\n", " a \n"],
        ["007", "007"],
      ] as const) {
        writeFileSync(path, text);
        expect(configFrom({ environment: { TOKEN_FILE: path } }).http.token).toBe(token);
        expect(configFrom({ environment: { DISCOVERY_TOKEN_FILE: path, TOKEN: "weaker" } }).http.token).toBe(token);
      }
      writeFileSync(path, "\n");
      expect(mistakesFrom({ environment: { REDIS_PASSWORD_FILE: path } })).toEqual([
        `REDIS_PASSWORD_FILE: expected a password that is not empty, got a value that is not shown (from ${path})`,
      ]);
    });
  });

  test("a file that can't be read is named", () => {
    expect(mistakesFrom({ environment: { TOKEN_FILE: "/nowhere/token" } })).toEqual([
      'TOKEN_FILE: expected a file that can be read, got "/nowhere/token": ENOENT (from environment)',
    ]);
    expect(mistakesFrom({ environment: { TOKEN_FILE: "/" } })[0]).toContain("EISDIR");
  });

  test("a byte order mark is no part of it, and what is no UTF-8 is a mistake", () => {
    withFolder((folder) => {
      const path = join(folder, "token");
      writeFileSync(path, "\uFEFFabc\r\n");
      expect(configFrom({ environment: { TOKEN_FILE: path } }).http.token).toBe("abc");
      writeFileSync(path, Buffer.from("h\u00E9slo\n", "latin1"));
      expect(mistakesFrom({ environment: { TOKEN_FILE: path } })).toEqual([
        `TOKEN_FILE: expected a file that can be read, got "${path}": bytes that are not UTF-8 (from environment)`,
      ]);
    });
  });

  test("a variable and its file at once are a mistake", () => {
    expect(mistakesFrom({ environment: { TOKEN: "a", TOKEN_FILE: "/b" } })).toEqual([
      "TOKEN and TOKEN_FILE: expected one of the two, got both (from environment)",
    ]);
  });

  test("only for secrets", () => {
    expect(resolveFrom({ environment: { DISCOVERY_TTL_FILE: "/x", TTL_FILE: "/x" } }).warnings).toEqual([
      "DISCOVERY_TTL_FILE: no such option; the variable is ignored",
    ]);
  });
});

describe("mistakes", () => {
  test("are all told, one line each", () => {
    const environment = { PORT: "abc", CLEAN_EVERY: "0", REGISTER: "yes", LABELS: "ok,b\u0000d" };
    const yaml = "keep-alive: never\nunknown-key: 1\nlog-level: loud\nnode-exporter-port: [1, 2]\n";
    expect(mistakesFrom({ argv: ["--redis-port", "70000", "--prot=1"], environment, yaml })).toEqual([
      "--prot: expected a flag that exists, got an unknown flag (from flag)",
      '"unknown-key": expected the name of an option, got an unknown key (from test.yaml:2)',
      'PORT: expected a port number, got "abc" (from environment)',
      '--redis-port: expected a port number, got "70000" (from flag)',
      'LABELS: expected labels of at most 1 KiB without control characters, got "b\\u0000d" (from environment)',
      'keep-alive: expected a duration of at least 1ms in seconds, such as 15, 0.5 or 1m30s, got "never" (from test.yaml:1)',
      'CLEAN_EVERY: expected a duration of at least 1ms in seconds, such as 15, 0.5 or 1m30s, got "0" (from environment)',
      "node-exporter-port: expected a port number, got a list (from test.yaml:4)",
      'REGISTER: expected true or false, got "yes" (from environment)',
      'log-level: expected one of debug, info, warn, error, got "loud" (from test.yaml:3)',
    ]);
  });

  test("TTL has to be greater than KEEP_ALIVE, and both are named", () => {
    expect(mistakesFrom({ environment: { TTL: "5" } })).toEqual([
      'TTL: expected a duration greater than --keep-alive (5, from default), got "5" (from environment)',
    ]);
    expect(mistakesFrom({ environment: { KEEP_ALIVE: "40" } })).toEqual([
      '--ttl: expected a duration greater than KEEP_ALIVE (40, from environment), got "30" (from default)',
    ]);
    expect(mistakesFrom({ environment: { TTL: "x", KEEP_ALIVE: "40" } })).toHaveLength(1);
  });

  test("an address that others reach needs a token or a word", () => {
    const argv = ["--http-listen", ":1313"];
    expect(mistakesFrom({ argv })).toEqual([
      '--http-listen: expected a loopback address, or a token (--token), or --insecure-listen, for others could change labels and the registry, and wipe it, got ":1313" (from flag)',
    ]);
    for (const excuse of ["--token=x", "--insecure-listen", "--disable-api"]) configFrom({ argv: [...argv, excuse] });
    expect(mistakesFrom({ argv, environment: { TOKEN_FILE: "/nowhere" } })).toHaveLength(1);
  });

  test("Redis: sentinels need a name, and exclude a cluster", () => {
    expect(mistakesFrom({ environment: { REDIS_SENTINELS: "a,b", REDIS_CLUSTER: "c", REDIS_DB: "1" } })).toEqual([
      'REDIS_SENTINELS: expected nothing, because of REDIS_CLUSTER (c, from environment): it is either sentinels or a cluster, got "a,b" (from environment)',
      "--redis-sentinel-name: expected the name of a master, because of REDIS_SENTINELS (a,b, from environment), got nothing (from default)",
      'REDIS_DB: expected 0, because of REDIS_CLUSTER (c, from environment): a cluster has no other database, got "1" (from environment)',
    ]);
  });

  test("never show a secret", () => {
    const environment = { REDIS_URL: "http://user:hunter2@host", NATS_URL: "ftp://hunter2@host", TOKEN: "hunter2\0" };
    const mistakes = [
      ...mistakesFrom({
        environment,
        argv: ["--tokn=hunter2", "--tokn", "hunter2"],
        yaml: "redis-password: !hunter2 x\n",
      }),
    ];
    mistakes.push(...mistakesFrom({ argv: ['--driver-options={"x":{"password":"hunter2"'] }));
    expect(mistakes.length).toBeGreaterThan(5);
    expect(mistakes.join("\n")).not.toContain("hunter2");
  });
});

test("an unknown variable with our prefix is a warning; others are nobody's business", () => {
  const { config, warnings } = resolveFrom({
    environment: {
      DISCOVERY_TTTL: "1",
      DISCOVERY_CONFIG: "",
      OTHER: "x",
      DISCOVERY_ADDRESS: "a:1",
      DISCOVERY_TOKEN_PATH: "/t",
    },
  });
  expect(config).toBeDefined();
  expect(warnings).toEqual(["DISCOVERY_TTTL: no such option (did you mean DISCOVERY_TTL?); the variable is ignored"]);
});

test("an empty variable counts as not set", () => {
  expect(configFrom({ environment: { PORT: "", TOKEN: "", DISCOVERY_TTL: "", LABELS: "" } })).toEqual(configFrom({}));
});
