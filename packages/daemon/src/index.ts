export { startDaemon, type Daemon, type Surroundings } from "./discoveryd.ts";
export type { Config } from "./config/options.ts";
