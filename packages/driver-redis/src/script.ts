import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

/** The scripts, one file each in `scripts/`; `epoch.lua` is their common beginning. */
export type ScriptName = "put" | "delete" | "read" | "restore" | "wipe";

export interface Script {
  readonly lua: string;
  /** Under which a server that has seen the script knows it. */
  readonly sha: string;
}

export type Scripts = Readonly<Record<ScriptName, Script>>;

export function loadScripts(): Scripts {
  const beginning = readScript("epoch");
  const load = (name: ScriptName): Script => {
    const lua = `${beginning}\n${readScript(name)}`;
    return { lua, sha: createHash("sha1").update(lua).digest("hex") };
  };
  return { put: load("put"), delete: load("delete"), read: load("read"), restore: load("restore"), wipe: load("wipe") };
}

function readScript(name: string): string {
  return readFileSync(new URL(`./scripts/${name}.lua`, import.meta.url), "utf8");
}
