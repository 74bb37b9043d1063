import { spawn } from "node:child_process";
import { Socket } from "node:net";

/**
 * Waits for the end of its standard input, which comes when this process ends in whatever way, then cleans up. The folder goes
 * when the server no longer writes to it; five seconds are enough for that, also where nobody buries the dead.
 */
const SCRIPT = `
cat >/dev/null
kill -9 "$1" 2>/dev/null
for _ in 1 2 3 4 5 6 7 8 9 10; do kill -0 "$1" 2>/dev/null && sleep 0.5; done
rm -rf "$2"`;

/**
 * Makes sure that a server and its folder do not outlive this process, even if this process is killed with SIGKILL.
 * Call what is returned before ending the server in the ordinary way: its process id may soon be somebody else's.
 */
export function reapWithUs(pid: number, folder: string): () => void {
  const reaper = spawn("sh", ["-c", SCRIPT, "reaper", String(pid), folder], {
    // A group of its own: Ctrl-C in the terminal must not end it before it did its work.
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  reaper.unref();
  if (reaper.stdin instanceof Socket) reaper.stdin.unref();
  return () => void reaper.kill("SIGKILL");
}
