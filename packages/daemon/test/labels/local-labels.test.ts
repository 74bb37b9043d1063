import { mkdir, readdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isDiscoveryError } from "@org/discovery-core";
import { beforeEach, describe, expect, it } from "vitest";
import { LocalLabels } from "../../src/labels/local-labels.ts";
import { RecordingLog } from "../recording-log.ts";
import { temporaryFolder } from "./temporary-folder.ts";

let folder: string;
let log: RecordingLog;

beforeEach(async () => {
  folder = join(await temporaryFolder(), "labels");
  log = new RecordingLog();
});

function localLabels(environment: readonly string[] = []): LocalLabels {
  return new LocalLabels({ environment, folder, runtimeFilename: "_runtime", log });
}

async function givenFile(name: string, text: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, name), text);
}

async function codeOf(action: Promise<unknown>): Promise<string> {
  const error = await action.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return isDiscoveryError(error) ? error.code : String(error);
}

describe("reading", () => {
  it("joins the environment, every file and the runtime file, sorted and without duplicates", async () => {
    await givenFile("10-mail", "service:smtp\nlocation:prague\n");
    await givenFile(".hidden~", "hidden:yes\n");
    await givenFile("_runtime", "added:later\nservice:smtp\n");
    expect(await localLabels(["service:ns", "location:prague"]).read()).toEqual([
      "added:later",
      "hidden:yes",
      "location:prague",
      "service:ns",
      "service:smtp",
    ]);
  });

  it("has the environment alone where the folder is missing, without a warning", async () => {
    expect(await localLabels(["a"]).read()).toEqual(["a"]);
    expect(log.lines).toEqual([]);
  });

  it("reads anew each time", async () => {
    const labels = localLabels();
    await givenFile("a", "one\n");
    expect(await labels.read()).toEqual(["one"]);
    await givenFile("a", "two\n");
    await givenFile("b", "three\n");
    expect(await labels.read()).toEqual(["three", "two"]);
    await rm(folder, { recursive: true });
    expect(await labels.read()).toEqual([]);
  });

  it("follows links to files, as Kubernetes mounts them, and leaves folders and dangling links alone", async () => {
    await mkdir(join(folder, "..data"), { recursive: true });
    await writeFile(join(folder, "..data", "mail"), "service:smtp\n");
    await symlink("..data/mail", join(folder, "mail"));
    await symlink("nowhere", join(folder, "dangling"));
    expect(await localLabels().read()).toEqual(["service:smtp"]);
    expect(log.lines).toEqual([]);
  });

  it("skips what is bad, keeps the rest, and warns once until the fault was gone", async () => {
    await givenFile("big", "x\n".repeat(600_000));
    await writeFile(join(folder, "mixed"), Buffer.from([0x67, 0x6f, 0x6f, 0x64, 0x0a, 0xff, 0xfe, 0x0a]));
    const labels = localLabels(["fine", "bell\u0007"]);
    expect(await labels.read()).toEqual(["fine", "good"]);
    expect(await labels.read()).toEqual(["fine", "good"]);
    expect(log.at("warn").map((line) => line.fields["fault"])).toEqual([
      "the environment, line 2: the label has a control character",
      expect.stringContaining("big: 1200000 bytes"),
      expect.stringContaining("mixed, line 2: the label is not UTF-8"),
    ]);
    await givenFile("big", "small\n");
    await labels.read();
    await givenFile("big", "x\n".repeat(600_000));
    await labels.read();
    expect(log.at("warn")).toHaveLength(4);
  });

  it("keeps what a file or a folder said while it can't be read, and warns", async () => {
    await givenFile("a", "one\n");
    await givenFile("b", "two\n");
    const labels = localLabels();
    await labels.add(["mine"]);
    expect(await labels.read()).toEqual(["mine", "one", "two"]);
    await givenFile("a", "x\n".repeat(600_000));
    await givenFile("b", "three\n");
    expect(await labels.read()).toEqual(["mine", "one", "three"]);
    expect(await labels.read()).toEqual(["mine", "one", "three"]);
    await givenFile("a", "four\n");
    expect(await labels.read()).toEqual(["four", "mine", "three"]);
    await rename(folder, `${folder}.away`);
    await writeFile(folder, "a file");
    expect(await labels.read()).toEqual(["four", "mine", "three"]);
    expect(await labels.read()).toEqual(["four", "mine", "three"]);
    expect(log.at("warn")).toHaveLength(2);
    await rm(folder);
    expect(await labels.read()).toEqual([]);
  });

  it("leaves out what is too many for one host, and warns", async () => {
    await givenFile("many", Array.from({ length: 1001 }, (_, index) => `label:${index}\n`).join(""));
    expect(await localLabels().read()).toHaveLength(1000);
    expect(log.at("warn")).toHaveLength(1);
  });

  it("warns where the folder is no folder", async () => {
    await writeFile(folder, "a file");
    expect(await localLabels(["a"]).read()).toEqual(["a"]);
    expect(log.at("warn")).toHaveLength(1);
  });
});

describe("adding and removing", () => {
  it("makes the folder, keeps the labels in the runtime file and gives them to the next daemon", async () => {
    await localLabels().add(["b", "a", "b"]);
    expect(await readFile(join(folder, "_runtime"), "utf8")).toBe("a\nb\n");
    const next = localLabels();
    await next.add(["c"]);
    await next.remove(["a", "unknown"]);
    expect(await localLabels().read()).toEqual(["b", "c"]);
    expect(await readdir(folder)).toEqual(["_runtime"]);
  });

  it("runs edits one after the other, so that none is lost", async () => {
    const labels = localLabels();
    const names = Array.from({ length: 30 }, (_, index) => `label:${index}`);
    await Promise.all([...names.map((name) => labels.add([name])), labels.remove(["label:7"]), labels.add(["last"])]);
    expect(new Set(await labels.read())).toEqual(new Set([...names.filter((name) => name !== "label:7"), "last"]));
  });

  it("never shows a reader a part of the file", async () => {
    const labels = localLabels();
    const many = Array.from({ length: 500 }, (_, index) => `label:${index}:${"x".repeat(100)}`);
    await labels.add(many);
    let editing = true;
    const edits = (async () => {
      for (let round = 0; round < 10; round++) {
        await labels.remove(["one more"]);
        await labels.add(["one more"]);
      }
      editing = false;
    })();
    while (editing) expect((await labels.read()).length).toBeGreaterThanOrEqual(500);
    await edits;
  });

  it("does not read what a crash left half written, and writes over it", async () => {
    await givenFile("._runtime.new", "half a lab");
    const labels = localLabels();
    expect(await labels.read()).toEqual([]);
    await labels.add(["whole"]);
    expect(await readdir(folder)).toEqual(["_runtime"]);
  });

  it("refuses to remove what the environment or a file sets, naming both, and changes nothing", async () => {
    await givenFile("10-mail", "service:smtp\n");
    const labels = localLabels(["location:prague"]);
    await labels.add(["service:smtp", "mine"]);
    await expect(labels.remove(["mine", "service:smtp"])).rejects.toThrow(
      `label "service:smtp" is set by ${join(folder, "10-mail")}, so it can't be deleted`,
    );
    expect(await codeOf(labels.remove(["location:prague"]))).toBe("invalid_argument");
    expect(await labels.read()).toEqual(["location:prague", "mine", "service:smtp"]);
  });

  it.each([
    ["nothing", ""],
    ["white space around it", " padded"],
    ["a second line", "new\nline"],
    ["a control character", "bell\u0007"],
    ["over 1 KiB", "ž".repeat(600)],
  ])("refuses a label with %s, together with the good ones beside it", async (_what, bad) => {
    const labels = localLabels();
    expect(await codeOf(labels.add(["good", bad]))).toBe("invalid_argument");
    expect(await codeOf(labels.remove([bad]))).toBe("invalid_argument");
    expect(await labels.read()).toEqual([]);
  });

  it("refuses more labels than one host may announce", async () => {
    const labels = localLabels(["from the environment"]);
    const names = Array.from({ length: 1000 }, (_, index) => `label:${index}`);
    expect(await codeOf(labels.add(names))).toBe("invalid_argument");
    await labels.add(names.slice(1));
    expect(await codeOf(labels.add(["one more"]))).toBe("invalid_argument");
    await labels.add(["from the environment"]);
    expect(await labels.read()).toHaveLength(1000);
  });

  it("says unavailable where the file can't be written, and goes on with the next edit", async () => {
    await mkdir(join(folder, "_runtime", "in the way"), { recursive: true });
    const labels = localLabels();
    expect(await codeOf(labels.add(["a"]))).toBe("unavailable");
    await rm(join(folder, "_runtime"), { recursive: true });
    await labels.add(["b"]);
    expect(await labels.read()).toEqual(["b"]);
  });

  it("does not write over labels that it can't read", async () => {
    await givenFile("_runtime", "x\n".repeat(600_000));
    expect(await codeOf(localLabels().add(["a"]))).toBe("unavailable");
    expect(await readFile(join(folder, "_runtime"), "utf8")).toHaveLength(1_200_000);
  });
});
