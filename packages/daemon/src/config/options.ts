import { callbackOptions } from "./callback-options.ts";
import { driverOptions } from "./driver-options.ts";
import { exporterOptions } from "./exporter-options.ts";
import { guardOptions } from "./guard-options.ts";
import { httpOptions } from "./http-options.ts";
import { logOptions } from "./log-options.ts";
import { natsOptions } from "./nats-options.ts";
import type { Option, ValueOf } from "./option.ts";
import { presenceOptions } from "./presence-options.ts";
import { redisOptions } from "./redis-options.ts";
import { registryOptions } from "./registry-options.ts";
import { signingOptions } from "./signing-options.ts";
import { webhookOptions } from "./webhook-options.ts";

/** Every option of the daemon, by section and by its name in `Config`. */
const OPTIONS = {
  http: httpOptions,
  driver: driverOptions,
  redis: redisOptions,
  nats: natsOptions,
  registry: registryOptions,
  presence: presenceOptions,
  guard: guardOptions,
  signing: signingOptions,
  callback: callbackOptions,
  webhook: webhookOptions,
  exporter: exporterOptions,
  log: logOptions,
};

type Sections = typeof OPTIONS;
export type SectionName = keyof Sections;

/** Section titles, in the order in which help and documentation have them. */
export const TITLES: Readonly<Record<SectionName, string>> = {
  http: "HTTP",
  driver: "Driver and data",
  redis: "Redis",
  nats: "NATS",
  registry: "Registry",
  presence: "Presence",
  guard: "Mass-loss guard",
  signing: "Signed packets",
  callback: "Callback",
  webhook: "Webhooks",
  exporter: "Exporter (discoveryd exporter)",
  log: "Logging",
};

/** The whole configuration, checked. Durations are in milliseconds; an option without value or default is `undefined`. */
export type Config = {
  readonly [Section in SectionName]: {
    readonly [Name in keyof Sections[Section]]: Sections[Section][Name] extends Option
      ? ValueOf<Sections[Section][Name]>
      : never;
  };
};

/** An option with its place in `Config`. */
export interface PlacedOption {
  readonly section: SectionName;
  readonly name: string;
  readonly option: Option;
}

/** All options in order. */
export function allOptions(): readonly PlacedOption[] {
  const sections = Object.entries(OPTIONS) as [SectionName, Readonly<Record<string, Option>>][];
  return sections.flatMap(([section, options]) =>
    Object.entries(options).map(([name, option]) => ({ section, name, option })),
  );
}

/** A flag that asks for something else than a value, so that it has no place in `Config`. */
export interface OtherFlag {
  readonly flag: string;
  readonly short?: string;
  readonly placeholder?: string;
  readonly description: string;
}

export const OTHER_FLAGS: readonly OtherFlag[] = [
  {
    flag: "config",
    placeholder: "PATH",
    description:
      "YAML file to read, instead of the first that exists of the usual ones. Its keys are the flags' names.",
  },
  { flag: "show-config", description: "Prints every value and where it came from, secrets masked, and ends." },
  { flag: "help", short: "h", description: "Prints this help and ends." },
  { flag: "version", short: "v", description: "Prints the version and ends." },
];
