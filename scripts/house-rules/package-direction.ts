import { dirname, join } from "node:path";
import { readText, sourceFiles, workspacePackages, type WorkspacePackage } from "../workspace.ts";
import type { HouseRule, Violation } from "./rule.ts";

const SCOPE = "@org/discovery-";

/** Which packages of ours a package may be built on: imports point one way. */
const ALLOWED: readonly { readonly of: RegExp; readonly on: RegExp }[] = [
  { of: /^core$/, on: /^$/ },
  { of: /^driver-/, on: /^core$/ },
  { of: /^daemon$/, on: /^(?:core|driver-(?!conformance).*)$/ },
  { of: /^client$/, on: /^core$/ },
  { of: /^cli$/, on: /^(?:client|core)$/ },
  { of: /^test-servers$/, on: /^core$/ },
];

/** daemon → drivers → core, cli → client → core; for tests (devDependencies) anything goes. */
export const dependenciesPointOneWay: HouseRule = () =>
  workspacePackages().flatMap(({ folder, manifest }) => {
    const name = manifest.name.replace(SCOPE, "");
    const allowed = ALLOWED.find((rule) => rule.of.test(name))?.on;
    if (allowed === undefined) return [];
    return Object.keys(manifest.dependencies ?? {})
      .filter((dependency) => dependency.startsWith(SCOPE) && !allowed.test(dependency.replace(SCOPE, "")))
      .map((dependency) => `${folder}/package.json: ${name} may not be built on ${dependency}`);
  });

/** A package is reached by its name, never by a path that leaves one's own; its sources do not import its tests. */
export const noImportAcrossPackages: HouseRule = () =>
  sourceFiles().flatMap((file) => {
    const home = workspacePackages().find(({ folder }) => file.startsWith(`${folder}/`));
    return home === undefined ? [] : leavingImports(file, home);
  });

function leavingImports(file: string, { folder }: WorkspacePackage): Violation[] {
  const base = file.startsWith(`${folder}/src/`) ? `${folder}/src/` : `${folder}/`;
  return [...(readText(file) ?? "").matchAll(/(?:from|import)\s*\(?\s*"(\.\.?\/[^"]*)"/g)]
    .map((match) => match[1] ?? "")
    .filter((specifier) => !join(dirname(file), specifier).startsWith(base))
    .map((specifier) => `${file}: "${specifier}" leaves ${base}; import a package by its name`);
}
