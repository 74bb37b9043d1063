import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "../labels/temporary-folder.ts";

const moduleUrl = (path: string) => JSON.stringify(fileURLToPath(new URL(`../../src/${path}`, import.meta.url)));

/** A program with a sink over its standard error; ends with 3 once that is flushed. */
function program(body: string): string[] {
  const text = `
    const { lineSink } = await import(${moduleUrl("log/line-sink.ts")});
    const { systemClock } = await import(${moduleUrl("system-clock.ts")});
    const sink = lineSink(2, process.stderr, systemClock);
    ${body}
    await sink.flush();
    process.exit(3);
  `;
  return ["--input-type=module", "-e", text];
}

const MANY = 'for (let line = 0; line < 20_000; line++) sink.write(`${String(line).padEnd(99, ".")}\\n`);';

test("a reader gets every line, in order", async () => {
  const child = spawn(process.execPath, program(MANY), { stdio: ["ignore", "ignore", "pipe"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  let text = "";
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  expect(await once(child, "close")).toEqual([3, null]);
  const lines = text.split("\n");
  expect(lines).toHaveLength(20_001);
  expect(lines.slice(0, -1).every((line, at) => line === String(at).padEnd(99, "."))).toBe(true);
});

test("a reader that takes nothing costs lines and a bounded memory, and holds up nobody", async () => {
  const body = `
    const { writeSync } = await import("node:fs");
    for (let round = 0; round < 10; round++) { ${MANY} }
    writeSync(1, String(process.stderr.writableLength));
  `;
  const child = spawn(process.execPath, program(body), { stdio: ["ignore", "pipe", "pipe"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const [held] = (await once(child.stdout, "data")) as [Buffer];
  expect(Number(held)).toBeLessThan(5 * 1024 * 1024);
  // Not \`close\`, for the pipe is still full.
  expect(await once(child, "exit")).toEqual([3, null]);
});

test("a reader that has gone is no fault", async () => {
  const body = `await new Promise((resolve) => process.stdin.once("data", resolve)); ${MANY}`;
  const child = spawn(process.execPath, program(`${body} ${MANY}`), { stdio: ["pipe", "ignore", "pipe"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  child.stderr.destroy();
  child.stdin.write("go");
  expect(await once(child, "exit")).toEqual([3, null]);
});

test("a file that is full loses lines, and takes whole ones again when it has room", async () => {
  const path = join(await temporaryFolder(), "log");
  const body = `
    const { truncateSync } = await import("node:fs");
    for (const letter of ["a", "b", "c"]) sink.write(letter.repeat(699) + "\\n");
    truncateSync(${JSON.stringify(path)});
    for (const letter of ["d", "e"]) sink.write(letter + "\\n");
  `;
  // The limit is in blocks of 512 or 1,024 bytes, as the shell has it.
  const shell = 'trap "" XFSZ; ulimit -f 1; log="$1"; shift; exec "$@" 2>>"$log"';
  const command = ["-c", shell, "sh", path, process.execPath, ...program(body)];
  await expect(promisify(execFile)("sh", command)).rejects.toMatchObject({ code: 3 });
  expect(readFileSync(path, "utf8")).toBe("\nd\ne\n");
});
