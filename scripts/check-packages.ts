/** Packs every public package, lets publint judge it, installs all of them into an empty project and uses them there. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "./step.ts";
import { assets, publicPackages, ROOT } from "./workspace.ts";

const workspace = publicPackages();
const packages = workspace.map(({ manifest }) => manifest);

function main(folder: string): void {
  const tarballs = pack(folder);
  for (const tarball of tarballs) run("publint", [tarball, "--strict"]);
  install(folder, tarballs);
  checkAssets(folder);
  for (const { name, publishConfig } of packages) {
    run("node", ["--input-type=module", "--eval", `await import(${JSON.stringify(name)})`], folder);
    for (const command of Object.keys(publishConfig?.bin ?? {})) {
      run(join("node_modules", ".bin", command), ["--help"], folder);
    }
  }
  compile(folder);
}

/** Packs every public package and returns the tarballs. */
function pack(folder: string): string[] {
  const filters = packages.map(({ name }) => `--filter=${name}`);
  const destination = join(folder, "tarballs");
  mkdirSync(destination);
  // The pnpm that runs this script is in its PATH.
  run("pnpm", ["--recursive", ...filters, "pack", `--pack-destination=${destination}`], ROOT);
  return readdirSync(destination).map((file) => join(destination, file));
}

/** Installs the tarballs, each one's dependencies on the others included, as npm's registry would give them. */
function install(folder: string, tarballs: readonly string[]): void {
  const files = Object.fromEntries(
    packages.map(({ name }) => [name, `file:${tarballs.find((file) => file.includes(`${tarballName(name)}-`)) ?? ""}`]),
  );
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, type: "module", dependencies: files }));
  writeFileSync(join(folder, "pnpm-workspace.yaml"), JSON.stringify({ overrides: files, allowBuilds: {} }));
  run("pnpm", ["install", "--prefer-offline", "--ignore-scripts"], folder);
}

/** What the build does not compile has to be published all the same. */
function checkAssets(folder: string): void {
  const missing = workspace.flatMap((each) =>
    assets(each.folder)
      .map((asset) => join("node_modules", each.manifest.name, "dist", asset))
      .filter((file) => !existsSync(join(folder, file))),
  );
  if (missing.length > 0) throw new Error(`expected in the published packages: ${missing.join(", ")}`);
}

/** Compiles a program that imports every package, against the types that were published. */
function compile(folder: string): void {
  const imports = packages.map(({ name }, index) => `import * as package${index} from "${name}";`);
  const uses = packages.map((_, index) => `package${index}`).join(", ");
  writeFileSync(join(folder, "consumer.ts"), `${imports.join("\n")}\nexport const all: unknown[] = [${uses}];\n`);
  const options = ["--noEmit", "--strict", "--skipLibCheck", "--target", "es2024", "--module", "nodenext"];
  run("tsc", [...options, "--ignoreConfig", "consumer.ts"], folder);
}

/** `@org/discovery-core` is packed as `org-discovery-core-<version>.tgz`. */
function tarballName(name: string): string {
  return name.replace("@", "").replace("/", "-");
}

const folder = mkdtempSync(join(tmpdir(), "discovery-packages-"));
try {
  main(folder);
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
