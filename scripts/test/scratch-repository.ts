import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { ROOT } from "../workspace.ts";

/** What the checks need to run in a folder of their own. */
const CHECKS = [".oxlintrc.json", "tsconfig.base.json", "scripts"];

/** Lays out a throw-away repository with our checks and these files, and removes it when `use` is done. */
export function withRepository<Result>(
  files: Readonly<Record<string, string>>,
  use: (folder: string) => Result,
): Result {
  const folder = mkdtempSync(join(tmpdir(), "discovery-repository-"));
  try {
    for (const entry of CHECKS) cpSync(join(ROOT, entry), join(folder, entry), { recursive: true });
    rmSync(join(folder, "scripts/test"), { recursive: true });
    symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), text);
    }
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
