import { allOptions, type Config } from "../config/options.ts";
import { type Mistake, nameOf, quote, type Settings } from "../config/given.ts";
import { maskText, maskTexts, textsIn } from "../config/secret.ts";
import { secretMask } from "../log/secret-mask.ts";
import { builtInDriver } from "./built-in-drivers.ts";

/** Where a driver's option came from, and its value as it may be shown. */
export interface OptionSource extends Pick<Mistake, "name" | "got" | "from"> {
  /** Whether a driver may show the value in words of its own. */
  readonly isShown: boolean;
}

const NOT_SHOWN = "a value that is not shown";
const PLAIN_NAME = /^[\w-]+$/;

/** What the user said of one driver: traces its options back to the flags, variables and keys that they came from. */
export class ToldDriver {
  readonly name: string;
  /** What `--driver-options` says for it. */
  readonly own: Readonly<Record<string, unknown>>;
  /** Masks the texts of `--driver-options` in somebody else's words. */
  readonly mask: (text: string) => string;
  readonly #flags: ReadonlyMap<string, string>;
  readonly #settings: Settings;

  constructor(name: string, config: Config, settings: Settings) {
    const { options } = config.driver;
    this.name = name;
    this.own = (Object.hasOwn(options, name) ? options[name] : undefined) ?? {};
    this.mask = secretMask(textsIn(this.own));
    this.#flags = builtInDriver(name, config)?.flags ?? new Map<string, string>();
    this.#settings = settings;
  }

  /** @param path the option, and what is wrong within it; empty for the driver as a whole. */
  source(path: readonly string[]): OptionSource {
    const [option] = path;
    if (option === undefined) return Object.keys(this.own).length === 0 ? this.named() : this.#fromJson([], this.own);
    const flag = this.#flags.get(option);
    if (!Object.hasOwn(this.own, option) && flag !== undefined) return this.#fromFlag(flag);
    return this.#fromJson(path, path.reduce(member, this.own));
  }

  /** The driver's name itself. */
  named(): OptionSource {
    return { ...this.#place("driver"), got: quote(this.name), isShown: true };
  }

  #fromFlag(flag: string): OptionSource {
    const place = this.#place(flag);
    const given = this.#settings.get(flag);
    const option = allOptions().find((placed) => placed.option.flag === flag)?.option;
    const isEmpty = given === undefined || given.text === "";
    if (isEmpty || option === undefined) return { ...place, got: "nothing", isShown: true };
    const isShown = option.secret === undefined;
    return { ...place, got: isShown ? quote(maskText(option, given.text)) : NOT_SHOWN, isShown };
  }

  #fromJson(path: readonly string[], value: unknown): OptionSource {
    const { name, from } = this.#place("driver-options");
    const driver = PLAIN_NAME.test(this.name) ? this.name : quote(this.name);
    const got = value === undefined ? "nothing" : maskTexts(value);
    return { name: `${name} ${[driver, ...path].join(".")}`, got, from, isShown: true };
  }

  #place(flag: string): Pick<Mistake, "name" | "from"> {
    const given = this.#settings.get(flag);
    return { name: given === undefined ? `--${flag}` : nameOf(given), from: given?.from ?? "default" };
  }
}

function member(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, key)
    ? (value as Readonly<Record<string, unknown>>)[key]
    : undefined;
}
