import { DiscoveryError, type DriverFactory, toError } from "@org/discovery-core";
import { registerHooks } from "node:module";
import { isAbsolute, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import * as v from "valibot";
import { BUILT_IN_DRIVERS } from "../config/driver-names.ts";
import { quote } from "../config/given.ts";
import { didYouMean } from "../config/similar.ts";

/** The shape of `DriverFactory`, as far as it can be seen before it is used. */
const FactorySchema = v.looseObject({
  name: v.string(),
  options: v.looseObject({ kind: v.literal("schema") }),
  create: v.function(),
});

/**
 * The driver that a module has as its default export.
 *
 * @param name a path, absolute or from the folder the daemon was started in, or the name of a package that is installed
 * beside the daemon or in that folder.
 * @throws DiscoveryError `invalid_argument` where there is no such module, or it is no driver.
 */
export async function loadDriver(name: string, folder: string): Promise<DriverFactory> {
  const module = await importModule(name, folder);
  const factory = typeof module === "object" && module !== null && "default" in module ? module.default : undefined;
  if (!isFactory(factory)) {
    throw invalid("a module whose default export is a driver factory { name, options, create }", quote(name));
  }
  return factory;
}

async function importModule(name: string, folder: string): Promise<unknown> {
  try {
    return await import(isPath(name) ? toUrl(name, folder) : packageUrl(name, folder));
  } catch (error) {
    const like = isPath(name) ? "" : didYouMean(name, BUILT_IN_DRIVERS);
    throw invalid(`a driver that can be loaded${like}`, `${quote(name)}: ${toError(error).message}`, error);
  }
}

/** The daemon's own installation goes first: a driver beside it was put there for it. */
function packageUrl(name: string, folder: string): string {
  try {
    return import.meta.resolve(name);
  } catch (error) {
    if (!isMissing(error)) throw error;
    return packageUrlFrom(name, folder);
  }
}

/**
 * As if the import stood in a module of that folder. `createRequire` would resolve for `require`, and so refuse packages that
 * can only be imported.
 */
function packageUrlFrom(name: string, folder: string): string {
  const parentURL = pathToFileURL(join(folder, "package.json")).href;
  const hooks = registerHooks({ resolve: (specifier, context, next) => next(specifier, { ...context, parentURL }) });
  try {
    return import.meta.resolve(name);
  } finally {
    hooks.deregister();
  }
}

function isPath(name: string): boolean {
  return name.startsWith(".") || name.startsWith("file:") || isAbsolute(name);
}

function toUrl(path: string, folder: string): string {
  return path.startsWith("file:") ? path : pathToFileURL(resolve(folder, path)).href;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND";
}

function isFactory(value: unknown): value is DriverFactory {
  return v.is(FactorySchema, value);
}

function invalid(expected: string, got: string, cause?: unknown): DiscoveryError {
  return new DiscoveryError("invalid_argument", `expected ${expected}, got ${got}`, { cause });
}
