import { expect, test } from "vitest";
import { showConfig } from "../../src/config/show.ts";
import { resolveFrom } from "./resolve-from.ts";

function lines(sources: Parameters<typeof resolveFrom>[0]): Record<string, string> {
  const shown = showConfig(resolveFrom(sources))
    .split("\n")
    .map((line) => line.trim().split(/ {2,}/));
  return Object.fromEntries(shown.map(([name = "", ...rest]) => [name, rest.join(" | ")]));
}

test("every value with where it came from", () => {
  const shown = lines({
    argv: ["--ttl=0m40s", "--token", "hunter2"],
    environment: { PORT: "7", DISCOVERY_LABELS: "a, b", REDIS_URL: "redis://u:hunter2@r/1", NATS_TOKEN: "hunter2" },
    yaml: "keep-alive: 007\nlabels-path: /l\n",
  });
  expect(shown).toMatchObject({
    ttl: "0m40s | flag",
    token: "**** | flag",
    "http-listen": "127.0.0.1:7 | environment: PORT",
    labels: "a, b | environment: DISCOVERY_LABELS",
    "redis-url": "redis://****@r/1 | environment: REDIS_URL",
    "nats-token": "**** | environment: NATS_TOKEN",
    "clean-every": "15 | default",
    hostname: "- | not set",
  });
  expect(shown["keep-alive"]).toMatch(/^007 \| .*test\.yaml:1$/);
});

test("a mistaken value is told as such", () => {
  expect(lines({ environment: { PORT: "abc" } })["http-listen"]).toBe("(mistaken)");
});

test("the files come first, with what became of them", () => {
  expect(showConfig(resolveFrom({}))).toMatch(
    /^Configuration files\n {2}\/home\/ann\/\.config\/discovery\/config\.yaml {2}not found\n {2}\/etc/,
  );
});
