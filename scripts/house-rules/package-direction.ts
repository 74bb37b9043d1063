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
  { of: /^example-/, on: /^core$/ },
  { of: /^(?:e2e|bench)$/, on: /^/ },
];

/** daemon → drivers → core, cli → client → core; for tests (devDependencies) anything goes. */
export const dependenciesPointOneWay: HouseRule = () =>
  workspacePackages().flatMap(({ folder, manifest }) => {
    if (builtOn(manifest.name) === undefined) {
      return [`${folder}/package.json: say in scripts/house-rules/package-direction.ts what it may be built on`];
    }
    return Object.keys(manifest.dependencies ?? {})
      .filter((dependency) => !mayBuild(manifest.name, dependency))
      .map((dependency) => `${folder}/package.json: ${manifest.name} may not be built on ${dependency}`);
  });

/** The same for what the sources import: a dependency of the tests would be found there too. */
export const importsPointOneWay: HouseRule = () =>
  workspacePackages().flatMap(({ folder, manifest }) =>
    sourceFiles()
      .filter((file) => file.startsWith(`${folder}/src/`))
      .flatMap((file) =>
        imported(file)
          .filter((specifier) => !mayBuild(manifest.name, specifier))
          .map((specifier) => `${file}: ${manifest.name} may not be built on ${specifier}`),
      ),
  );

/** Whether that dependency is none of ours, or one that the package may have. */
function mayBuild(name: string, dependency: string): boolean {
  return !dependency.startsWith(SCOPE) || builtOn(name)?.test(dependency.slice(SCOPE.length)) === true;
}

function builtOn(name: string): RegExp | undefined {
  return ALLOWED.find(({ of }) => of.test(name.replace(SCOPE, "")))?.on;
}

/** A package is reached by its name, never by a path that leaves one's own; its sources do not import its tests. */
export const noImportAcrossPackages: HouseRule = () =>
  sourceFiles().flatMap((file) => {
    const home = workspacePackages().find(({ folder }) => file.startsWith(`${folder}/`));
    return home === undefined ? [] : leavingImports(file, home);
  });

function leavingImports(file: string, { folder }: WorkspacePackage): Violation[] {
  const base = file.startsWith(`${folder}/src/`) ? `${folder}/src/` : `${folder}/`;
  return imported(file)
    .filter((specifier) => specifier.startsWith(".") && !join(dirname(file), specifier).startsWith(base))
    .map((specifier) => `${file}: "${specifier}" leaves ${base}; import a package by its name`);
}

/** Every module that a file names. */
function imported(file: string): string[] {
  const specifiers = (readText(file) ?? "").matchAll(/(?:from|import)\s*\(?\s*"([^"\s]+)"/g);
  return [...specifiers].map((match) => match[1] ?? "");
}
