import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { DirectoryLock } from "../../src/exporter/directory-lock.ts";
import { temporaryFolder } from "../labels/temporary-folder.ts";

const MODULE = fileURLToPath(new URL("../../src/exporter/directory-lock.ts", import.meta.url));

/** Another process that takes the lock, says what came of it, and stays. */
async function otherProcess(directory: string) {
  const program = `
    const { DirectoryLock } = await import(${JSON.stringify(MODULE)});
    console.log(new DirectoryLock(process.argv[1]).acquire());
    setInterval(() => undefined, 1000);
  `;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program, directory], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const [said] = (await once(child.stdout, "data")) as [Buffer];
  const kill = async (): Promise<void> => {
    child.kill("SIGKILL");
    await once(child, "exit");
  };
  return { said: said.toString().trim(), kill };
}

function lockOf(directory: string): DirectoryLock {
  const lock = new DirectoryLock(directory);
  onTestFinished(() => lock.release());
  return lock;
}

test("one has it, until it lets it go", async () => {
  const directory = join(await temporaryFolder(), "new", "folder");
  const [first, second] = [lockOf(directory), lockOf(directory)];
  expect(first.acquire()).toBe(true);
  expect(first.acquire()).toBe(true);
  expect(second.acquire()).toBe(false);
  first.release();
  expect(second.acquire()).toBe(true);
  expect((await readdir(directory)).filter((name) => name.endsWith(".json"))).toEqual([]);
  expect((await stat(second.path)).size).toBe(0);
});

test("a process that is killed holds it no longer", async () => {
  const directory = await temporaryFolder();
  const holder = await otherProcess(directory);
  expect(holder.said).toBe("true");
  const lock = lockOf(directory);
  expect(lock.acquire()).toBe(false);
  expect((await otherProcess(directory)).said).toBe("false");
  await holder.kill();
  expect(lock.acquire()).toBe(true);
  expect((await otherProcess(directory)).said).toBe("false");
});

test("where there can be no lock, says why", async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, "file"), "");
  const lock = lockOf(join(folder, "file"));
  expect(() => lock.acquire()).toThrow(/file.*can't be locked/);
});

test("takes it when the directory can be written again", async () => {
  const folder = await temporaryFolder();
  const directory = join(folder, "targets");
  await writeFile(directory, "in the way");
  const lock = lockOf(directory);
  expect(() => lock.acquire()).toThrow("can't be locked");
  await rm(directory);
  expect(lock.acquire()).toBe(true);
});
