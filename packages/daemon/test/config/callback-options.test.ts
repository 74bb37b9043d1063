import { describe, expect, test } from "vitest";
import { configFrom, mistakesFrom } from "./resolve-from.ts";

describe("callbacks", () => {
  test("a flag that is repeated and a YAML list give several, commas and all", () => {
    const several = [["a,b", "c"], ["d"]];
    expect(configFrom({ argv: ["--callback", "a,b c", "--callback=d"] }).callback.commands).toEqual(several);
    expect(configFrom({ yaml: "callback:\n  - a,b c\n  - d\n" }).callback.commands).toEqual(several);
  });

  test("a variable is one command, and replaces those of the file", () => {
    const yaml = "callback: [x, y]";
    expect(configFrom({ environment: { CALLBACK: "a,b c" }, yaml }).callback.commands).toEqual([["a,b", "c"]]);
  });

  test("an empty flag turns off those of the file", () => {
    expect(configFrom({ argv: ["--callback="], yaml: "callback: x" }).callback.commands).toEqual([]);
  });

  test("the one that is wrong is named", () => {
    expect(mistakesFrom({ argv: ["--callback=a", "--callback='b"] })).toEqual([
      `--callback: expected a command, its quotes closed, got "'b" (from flag)`,
    ]);
  });

  test("the longest wait is not shorter than the shortest", () => {
    expect(mistakesFrom({ argv: ["--callback-max-wait=1"], yaml: "callback-min-wait: 2" })).toEqual([
      expect.stringMatching(/^--callback-max-wait: expected a duration of at least callback-min-wait \(2, .*got "1"/),
    ]);
    expect(configFrom({ argv: ["--callback-min-wait=2"] }).callback.maxWaitMs).toBeUndefined();
  });
});

describe("webhooks", () => {
  const ok = "https://a/b";

  test.each(["ftp://a", "a/b", "https://", "https://%zz@a/", "https://u:%zz@a/", `${ok} x://y`])(
    "%s is refused, and not shown",
    (url) => {
      expect(mistakesFrom({ argv: [`--webhook=${ok},${url}`] })).toEqual([
        "--webhook: expected a URL such as https://host/path, got a value that is not shown (from flag)",
      ]);
    },
  );

  test.each(["fifteen bytes..", "whsec_", "whsec_MfKQ9r8GKYo=", "whsec_not base64 at all..."])(
    "the secret %s is refused, and not shown",
    (secret) => {
      expect(mistakesFrom({ argv: [`--webhook-secret=${secret}`] })).toEqual([
        expect.stringMatching(/^--webhook-secret: expected whsec_ and Base64 .*, got a value that is not shown/),
      ]);
    },
  );

  test("several URLs and secrets", () => {
    const environment = {
      WEBHOOK: `${ok}, http://c`,
      WEBHOOK_SECRET: "a text of 16 bytes, whsec_AAAAAAAAAAAAAAAAAAAAAA==",
    };
    const { urls, keys } = configFrom({ environment }).webhook;
    expect(urls.map(String)).toEqual([ok, "http://c/"]);
    expect(keys).toEqual([Buffer.from("a text of 16 bytes"), Buffer.alloc(16)]);
  });
});
