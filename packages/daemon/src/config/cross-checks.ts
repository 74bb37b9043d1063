import type { Command } from "./command.ts";
import { nameOf, quote, type Given, type Mistake, type Settings } from "./given.ts";
import { isLoopback } from "./listen-address.ts";
import type { Config } from "./options.ts";

/** A rule over several options. Judged only where each of them has a value that is right in itself. */
interface CrossCheck {
  /** Whom it is about; absent: everybody. */
  readonly command?: Command;
  readonly flags: readonly string[];
  /** What was expected of the first of the flags; `undefined` where all is well. */
  expected(config: Config, named: (flag: string) => string): string | undefined;
}

const CHECKS: readonly CrossCheck[] = [
  {
    flags: ["ttl", "keep-alive"],
    expected: ({ presence }, named) =>
      presence.ttlMs > presence.keepAliveMs ? undefined : `a duration greater than ${named("keep-alive")}`,
  },
  {
    flags: ["callback-max-wait", "callback-min-wait"],
    expected: ({ callback }, named) =>
      callback.maxWaitMs === undefined || callback.maxWaitMs >= callback.minWaitMs
        ? undefined
        : `a duration of at least ${named("callback-min-wait")}`,
  },
  {
    // The API of the exporter changes nothing.
    command: "server",
    flags: ["http-listen", "insecure-listen", "disable-api", "token"],
    expected: ({ http }) =>
      http.disableApi || http.insecureListen || http.token !== undefined || isLoopback(http.listen.host)
        ? undefined
        : "a loopback address, or a token (--token), or --insecure-listen, for others could change labels and the registry, and wipe it",
  },
  {
    flags: ["redis-sentinels", "redis-cluster"],
    expected: ({ redis }, named) =>
      redis.sentinels.length === 0 || redis.cluster.length === 0
        ? undefined
        : `nothing, because of ${named("redis-cluster")}: it is either sentinels or a cluster`,
  },
  {
    flags: ["redis-sentinel-name", "redis-sentinels"],
    expected: ({ redis }, named) =>
      redis.sentinels.length === 0 || redis.sentinelName !== undefined
        ? undefined
        : `the name of a master, because of ${named("redis-sentinels")}`,
  },
  {
    flags: ["redis-db", "redis-cluster"],
    expected: ({ redis }, named) =>
      redis.cluster.length === 0 || redis.db === 0
        ? undefined
        : `0, because of ${named("redis-cluster")}: a cluster has no other database`,
  },
  {
    flags: ["nats-url", "driver"],
    expected: ({ driver, nats }, named) =>
      !driver.names.includes("nats") || nats.servers.length > 0
        ? undefined
        : `the URL of a NATS server, because of ${named("driver")}`,
  },
  {
    command: "exporter",
    flags: ["server"],
    expected: ({ exporter }) => (exporter.server === undefined ? "the name of a Prometheus server" : undefined),
  },
];

export interface CrossCheckFacts {
  readonly command: Command;
  readonly settings: Settings;
  readonly mistaken: ReadonlySet<string>;
}

/** What is wrong with options that are right each by itself. */
export function crossMistakes(config: Config, { command, settings, mistaken }: CrossCheckFacts): readonly Mistake[] {
  const named = (flag: string): string => {
    const given = settings.get(flag);
    return given === undefined ? `--${flag}` : `${nameOf(given)} (${shown(given)}, from ${given.from})`;
  };
  const mistakes: Mistake[] = [];
  for (const check of CHECKS) {
    const [first = ""] = check.flags;
    const isMeant = check.command === undefined || check.command === command;
    if (!isMeant || check.flags.some((flag) => mistaken.has(flag))) continue;
    const expected = check.expected(config, named);
    if (expected === undefined) continue;
    const given = settings.get(first);
    const got = given === undefined || given.text === "" ? "nothing" : quote(shown(given));
    mistakes.push({
      name: given === undefined ? `--${first}` : nameOf(given),
      expected,
      got,
      from: given?.from ?? "default",
    });
  }
  return mistakes;
}

/** None of the options above is a secret, bar `nats-url`, which is complained about only when it is empty. */
function shown(given: Given): string {
  return typeof given.text === "string" ? given.text : given.text.join(",");
}
