import { existsSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import type { Invocation } from "./option.ts";

const NAME = "discovery";
const LOBBY_LABELS = "/etc/lobby/labels";

/**
 * Where a daemon keeps its data when nobody says: the folder that systemd made for it (`StateDirectory=`, the first of
 * several), the user's data folder (XDG Base Directory Specification, which ignores relative paths), or for root
 * `/var/lib/discovery`.
 */
export function defaultDataFolder({ environment, homeFolder, isRoot }: Invocation): string {
  const [state = ""] = (environment["STATE_DIRECTORY"] ?? "").split(":");
  if (isAbsolute(state)) return state;
  const data = environment["XDG_DATA_HOME"] ?? "";
  if (isAbsolute(data)) return join(data, NAME);
  return isRoot ? join("/var/lib", NAME) : join(homeFolder, ".local", "share", NAME);
}

/** Lobby's folder, where it is or root could make it; else one of the user's, for the API must be able to keep labels. */
export function defaultLabelsFolder(invocation: Invocation): string {
  if (invocation.isRoot || existsSync(LOBBY_LABELS)) return LOBBY_LABELS;
  return join(defaultDataFolder(invocation), "labels");
}

/** Where a configuration file is looked for when nobody names one; the first that exists is read. */
export function defaultConfigFiles({ environment, homeFolder }: Invocation): readonly string[] {
  const config = environment["XDG_CONFIG_HOME"] ?? "";
  const userFolder = isAbsolute(config) ? config : join(homeFolder, ".config");
  return [join(userFolder, NAME, "config.yaml"), join("/etc", NAME, "config.yaml")];
}
