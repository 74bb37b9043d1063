/**
 * Compiles every package into its dist/ from nothing, so that neither a deleted file nor a stale build record lives on.
 * Files beside the sources that are no TypeScript (Lua scripts) go along.
 */
import { spawnSync } from "node:child_process";
import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { assets, ROOT, workspacePackages } from "./workspace.ts";

for (const { folder } of workspacePackages()) rmSync(join(ROOT, folder, "dist"), { recursive: true, force: true });
const { status } = spawnSync("tsc", ["--build"], { cwd: ROOT, stdio: "inherit" });
for (const { folder } of workspacePackages()) {
  for (const file of assets(folder)) cpSync(join(ROOT, folder, "src", file), join(ROOT, folder, "dist", file));
}
process.exitCode = status ?? 1;
