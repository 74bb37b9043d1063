/** What discoveryd is run as: the daemon, or what writes a server's target lists into files. */
export type Command = "server" | "exporter";

/** The commands. `discoveryd` alone is `discoveryd server`. */
export const COMMANDS: readonly Command[] = ["server", "exporter"];
