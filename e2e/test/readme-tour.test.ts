import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { codeBlocks, readPage, ROOT, section } from "./markdown.ts";

const PORTS = [1313, 7314, 7315, 7379];
const MARK = "=== end of block ===";

interface Step {
  readonly command: string;
  /** What is printed below it; `…` stands for anything within a line. */
  readonly expected: string;
}

async function tour(): Promise<Step[]> {
  const steps: Step[] = [];
  for (const { language, text } of codeBlocks(section(await readPage("README.md"), "## A tour of five minutes"))) {
    if (language === "sh") steps.push({ command: text, expected: "" });
    else steps.push({ command: steps.pop()?.command ?? "", expected: text });
  }
  return steps;
}

/** Runs the blocks one after the other in one shell, as somebody does who copies them; resolves with what each printed. */
async function run(commands: readonly string[], folder: string): Promise<{ printed: string[]; errors: string }> {
  const temporary = join(folder, "tmp");
  await mkdir(temporary);
  // Aliases are off in a shell that nobody types into. `mktemp` makes its folder where this test can look for it.
  const shell = spawn("bash", ["--noprofile", "--norc", "-O", "expand_aliases"], {
    cwd: ROOT,
    env: { ...process.env, TMPDIR: temporary, XDG_CONFIG_HOME: join(folder, "config") },
    // A group of its own, so that nothing outlives a tour that goes wrong.
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
  });
  onTestFinished(() => endGroup(Number(shell.pid)));
  shell.stdin.end(commands.map((command) => `${command}echo '${MARK}'\n`).join(""));
  const [output, errors] = await Promise.all([text(shell.stdout), text(shell.stderr), once(shell, "close")]);
  return { printed: output.split(`${MARK}\n`), errors };
}

function endGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // Nobody is left of it.
  }
}

/** The printed text as it is written in the README. */
function likeExpected(printed: string, expected: string): string {
  const wanted = expected.split("\n");
  const lines = printed.split("\n").map((line, number) => {
    const pattern = (wanted[number] ?? "")
      .split("…")
      .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
    return new RegExp(`^${pattern.join("[^,}]+")}\\s*$`).test(line) ? (wanted[number] ?? "") : line;
  });
  return lines.join("\n");
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}

test("the tour works as printed, and leaves nothing behind", { timeout: 180_000 }, async () => {
  for (const port of PORTS) expect(await isListening(port), `somebody else uses port ${port}`).toBe(false);
  const folder = await mkdtemp(join(tmpdir(), "discovery-tour-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const steps = await tour();
  expect(steps.length).toBeGreaterThan(8);

  const { printed, errors } = await run(
    steps.map(({ command }) => command),
    folder,
  );
  const seen = steps.map(({ command, expected }, number) => {
    return `${command}${likeExpected(printed[number] ?? "nothing", expected)}`;
  });
  expect(seen.join("\n"), errors).toBe(steps.map(({ command, expected }) => command + expected).join("\n"));
  expect(errors).toBe("");

  for (const port of PORTS) expect(await isListening(port), `port ${port} is still in use`).toBe(false);
  // npx and pnpm keep their own caches there too.
  const left = (await readdir(join(folder, "tmp"))).filter((name) => name.startsWith("tmp."));
  expect(left).toEqual([]);
});
