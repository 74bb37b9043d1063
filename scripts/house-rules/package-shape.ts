import { globSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { publicPackages, readText, ROOT, workspacePackages, type Manifest } from "../workspace.ts";
import type { HouseRule, Violation } from "./rule.ts";

const PUBLISHED_ENTRY = { types: "./dist/index.d.ts", default: "./dist/index.js" };

/** Sources in the workspace, dist when published; every package under the same terms. */
export const packagesPublishable: HouseRule = () =>
  publicPackages().flatMap(({ folder, manifest }) =>
    shapeFaults(manifest).map((fault) => `${folder}/package.json: ${fault}`),
  );

function shapeFaults(manifest: Manifest): string[] {
  const { publishConfig } = manifest;
  const expected: readonly [boolean, string][] = [
    [manifest.license === "MIT", 'expected "license": "MIT"'],
    [manifest.type === "module", 'expected "type": "module"'],
    [manifest.files?.includes("dist") === true, 'expected "dist" in "files"'],
    [manifest.engines?.["node"] !== undefined, 'expected "engines.node"'],
    [publishConfig?.access === "public", 'expected "publishConfig.access": "public"'],
    [manifest.exports?.["."] === "./src/index.ts", 'expected "exports" "." to be "./src/index.ts"'],
    [
      isDeepStrictEqual(publishConfig?.exports?.["."], PUBLISHED_ENTRY),
      `expected "publishConfig.exports" "." to be ${JSON.stringify(PUBLISHED_ENTRY)}`,
    ],
    [
      isDeepStrictEqual(Object.keys(manifest.bin ?? {}), Object.keys(publishConfig?.bin ?? {})),
      'expected the commands of "bin" in "publishConfig.bin" too, pointing to dist',
    ],
  ];
  return expected.filter(([holds]) => !holds).map(([, fault]) => fault);
}

/** Every version stands once, in the catalog of pnpm-workspace.yaml. */
export const versionsFromCatalog: HouseRule = () =>
  workspacePackages().flatMap(({ folder, manifest }) =>
    Object.entries({ ...manifest.dependencies, ...manifest.devDependencies, ...manifest.peerDependencies })
      .filter(([, version]) => !version.startsWith("catalog:") && !version.startsWith("workspace:"))
      .map(([name, version]) => `${folder}/package.json: ${name} "${version}": expected "catalog:" or "workspace:*"`),
  );

/** A project that the root does not name is a project that nobody type-checks. */
export const projectsReferenced: HouseRule = (): Violation[] => {
  const { references } = JSON.parse(readText("tsconfig.json") ?? "{}") as { references: { path: string }[] };
  const named = new Set(references.map(({ path }) => `${path}/tsconfig.json`));
  return globSync(
    [
      "packages/*/tsconfig.json",
      "{packages,examples}/*/test/tsconfig.json",
      "e2e/test/tsconfig.json",
      "examples/*/tsconfig.json",
      "{bench,scripts}/tsconfig.json",
    ],
    { cwd: ROOT },
  )
    .filter((file) => !named.has(file))
    .map((file) => `tsconfig.json: expected a reference to ${file}`);
};
