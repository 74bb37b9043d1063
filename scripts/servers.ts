import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { run } from "./step.ts";

/** What the tests start: real servers, and what makes certificates. Each is also the name of the Debian package that has it. */
const SERVERS = ["redis-server", "nats-server", "prometheus", "openssl"];

/** Debian puts servers where only root looks. */
const SBIN = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

/** `PATH` with the folders in which Debian installs servers. */
export function searchPath(): string {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return [...folders, ...SBIN.filter((folder) => !folders.includes(folder))].join(delimiter);
}

/**
 * Makes sure that every server is installed, from Debian's packages where that is possible without asking anybody.
 * Throws, naming what is missing and the command that installs it, where it is not.
 */
export function provideServers(): void {
  const missing = missingServers();
  if (missing.length === 0) return;
  const command = `apt-get install --no-install-recommends ${missing.join(" ")}`;
  const prefix = has("apt-get") ? rootPrefix() : undefined;
  if (prefix === undefined) {
    const reason = has("apt-get")
      ? "this user is not root and has no sudo without a password"
      : "this machine has no apt-get";
    throw new Error(`the tests need ${missing.join(", ")}, and ${reason}. On Debian: sudo ${command}`);
  }
  console.log(`  installing ${missing.join(", ")} from Debian's packages`);
  const script = join(import.meta.dirname, "install-debian-packages.sh");
  const [program = "sh", ...args] = [...prefix, "sh", script, ...missing];
  try {
    run(program, args);
  } catch (error) {
    throw new Error(`${(error as Error).message}\nthe tests need ${missing.join(", ")}. On Debian: sudo ${command}`, {
      cause: error,
    });
  }
  const still = missingServers();
  if (still.length > 0) throw new Error(`installed ${missing.join(", ")}, and still there is no ${still.join(", ")}`);
}

function missingServers(): string[] {
  return SERVERS.filter((server) => !has(server));
}

function has(program: string): boolean {
  return searchPath()
    .split(delimiter)
    .some((folder) => isExecutable(join(folder, program)));
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** What to put before a command to run it as root; `undefined` where nothing works without a question. */
function rootPrefix(): string[] | undefined {
  if (process.getuid?.() === 0) return [];
  const sudo = has("sudo") && spawnSync("sudo", ["-n", "true"], { stdio: "ignore" }).status === 0;
  return sudo ? ["sudo", "-n"] : undefined;
}
