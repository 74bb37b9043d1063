/**
 * Ends this process in good order when the `npx` that it was started with is gone. Loaded before main by `pnpm start`.
 *
 * npx runs pnpm in a shell. When npx alone gets a SIGTERM (a supervisor, `child.kill()`), it hands that to the shell, which ends and
 * tells nobody: pnpm and the daemon would go on, holding their port. Ctrl-C, and signals to the whole group, come through without this.
 */
import { readFileSync } from "node:fs";

const LOOK_EVERY_MS = 500;
/** From a script up to the shell that npx runs pnpm in: node, pnpm's shell, pnpm, npx's shell. */
const MAX_ANCESTORS = 4;

/** The process whose parent is the shell of npx, with that parent; `undefined` where no npx is involved, or there is no /proc. */
function childOfNpxShell(): { child: number; shell: number } | undefined {
  let child = process.pid;
  for (let generation = 0; generation < MAX_ANCESTORS; generation++) {
    const shell = parentOf(child);
    if (shell === undefined) return undefined;
    if (/^(?:\/bin\/)?sh\0-c\0'?pnpm\b/.test(read(`/proc/${shell}/cmdline`) ?? "")) return { child, shell };
    child = shell;
  }
  return undefined;
}

/** See proc(5): the name, the second field, is in parentheses and may hold anything; the parent is the fourth. */
function parentOf(pid: number): number | undefined {
  const parent = read(`/proc/${pid}/stat`)
    ?.replace(/^.*\) /s, "")
    .split(" ")[1];
  return parent === undefined ? undefined : Number(parent);
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

const started = childOfNpxShell();
if (started !== undefined) {
  const timer = setInterval(() => {
    if (parentOf(started.child) === started.shell) return;
    clearInterval(timer);
    process.kill(process.pid, "SIGTERM");
  }, LOOK_EVERY_MS);
  timer.unref();
}
