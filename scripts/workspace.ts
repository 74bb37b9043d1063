import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

/** The repository's top folder. */
export const ROOT = resolve(import.meta.dirname, "..");

/** The part of a package.json that the checks read. */
export interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly license?: string;
  readonly type?: string;
  readonly files?: readonly string[];
  readonly bin?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly engines?: Readonly<Record<string, string>>;
  readonly publishConfig?: {
    readonly access?: string;
    readonly bin?: Readonly<Record<string, string>>;
    readonly exports?: Readonly<Record<string, unknown>>;
  };
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** One package of the workspace. */
export interface WorkspacePackage {
  /** Relative to the top folder, for example `packages/core`. */
  readonly folder: string;
  readonly manifest: Manifest;
}

/** Every package of the workspace, in the order of their folders. */
export function workspacePackages(): WorkspacePackage[] {
  return globSync(["packages/*/package.json", "e2e/package.json", "examples/*/package.json", "bench/package.json"], {
    cwd: ROOT,
  })
    .toSorted()
    .map((file) => ({ folder: dirname(file), manifest: readManifest(join(ROOT, file)) }));
}

/** The packages that are published. */
export function publicPackages(): WorkspacePackage[] {
  return workspacePackages().filter(({ manifest }) => manifest.private !== true);
}

/** Every TypeScript file that people wrote, relative to the top folder. */
export function sourceFiles(): string[] {
  return globSync(["packages/*/**/*.ts", "e2e/**/*.ts", "examples/*/**/*.ts", "bench/**/*.ts", "scripts/**/*.ts"], {
    cwd: ROOT,
    exclude: ["**/node_modules/**", "**/dist/**"],
  }).toSorted();
}

/** What a package keeps beside its sources and needs when it runs (Lua scripts), relative to its `src`. */
export function assets(folder: string): string[] {
  return globSync("**/*.*", { cwd: join(ROOT, folder, "src"), exclude: ["**/*.ts"] });
}

/** A file of the repository as text; `undefined` where there is none. */
export function readText(file: string): string | undefined {
  const path = join(ROOT, file);
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}

function readManifest(file: string): Manifest {
  return JSON.parse(readFileSync(file, "utf8")) as Manifest;
}
