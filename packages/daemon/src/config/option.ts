import * as v from "valibot";
import type { Command } from "./command.ts";
import type { Shape } from "./value-types.ts";

/** The daemon's invocation, as far as the configuration depends on them. */
export interface Invocation {
  /** Default: `server`. */
  readonly command?: Command;
  /** What follows the program's name. */
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly homeFolder: string;
  readonly isRoot: boolean;
}

/** A default that depends on the machine or on other options. */
export interface ComputedDefault {
  /** What the documentation and `--help` print. */
  readonly told: string;
  /** The default as text. `isGiven` tells whether some source says anything of the option of that flag. */
  text(invocation: Invocation, isGiven: (flag: string) => boolean): string;
}

/** A variable that gives a part of an option, put over whatever gives the rest. */
export interface PartVariable {
  readonly name: string;
  readonly schema: v.GenericSchema<string, unknown>;
  /** The option's text with this part of it replaced. */
  into(below: string, part: string): string;
}

/**
 * One option, told once: the parsing, the types, `--help`, the errors and the documentation all read it from here.
 * The schema takes text (a list of text for lists), and carries the description.
 */
export interface Option {
  /** Without the dashes. Also the key in YAML and, in capitals after `DISCOVERY_`, the variable. */
  readonly flag: string;
  readonly schema: v.GenericSchema<string, unknown> | v.GenericSchema<string[], unknown>;
  /** As text, read by the schema like every other source. Without one, the value is `undefined` where nothing is given. */
  readonly default?: string | ComputedDefault;
  /** Variables without prefix, those of lobby's table among them. */
  readonly variables?: readonly (string | PartVariable)[];
  /**
   * What must never be shown: the whole value, the user part of a URL and its query, all of a URL beyond its origin, or the
   * texts within JSON. May be read from the file in `<NAME>_FILE`.
   */
  readonly secret?: "whole" | "url" | "beyond-origin" | "json";
}

/** What an option's value is in the configuration. */
export type ValueOf<Declared extends Option> = Declared extends { readonly default: string | ComputedDefault }
  ? v.InferOutput<Declared["schema"]>
  : v.InferOutput<Declared["schema"]> | undefined;

/** Declares an option, keeping its exact type. */
export function option<const Declared extends Option>(declared: Declared): Declared {
  return declared;
}

/** `DISCOVERY_HTTP_LISTEN` for the flag `http-listen`. */
export function variableOf(flag: string): string {
  return `DISCOVERY_${flag.toUpperCase().replaceAll("-", "_")}`;
}

/** How the option is written on the command line. */
export function shapeOf(declared: Option): Shape {
  return v.getMetadata(declared.schema)["shape"] as Shape;
}

/** What stands for the option's value in `--help` and in the documentation. */
export function placeholderOf(declared: Option): string {
  return v.getMetadata(declared.schema)["placeholder"] as string;
}

export function descriptionOf(declared: Option): string {
  return v.getDescription(declared.schema) ?? "";
}

/** The variables without prefix, by name. */
export function plainVariables(declared: Option): readonly string[] {
  return (declared.variables ?? []).map((variable) => (typeof variable === "string" ? variable : variable.name));
}

/** The default as documentation prints it; empty where there is none. */
export function toldDefault(declared: Option): string {
  const standard = declared.default ?? "";
  return typeof standard === "string" ? standard : standard.told;
}
