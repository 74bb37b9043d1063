import { expect, test } from "vitest";
import { formatMistake } from "../../src/config/given.ts";
import { parseYamlOptions } from "../../src/config/yaml-options.ts";

function textsIn(text: string): Record<string, unknown> {
  return Object.fromEntries([...parseYamlOptions(text, "c.yaml").given].map(([flag, given]) => [flag, given.text]));
}

function mistakesIn(text: string): readonly string[] {
  return parseYamlOptions(text, "c.yaml").mistakes.map(formatMistake);
}

test("scalars stay as they are written", () => {
  const yaml =
    "redis-password: 0123\ntoken: 1e3\nhostname: 'true'\nttl: 0x10\nredis-prefix: 1.0\nregister: yes\nnats-token: \"null\"\n";
  expect(textsIn(yaml)).toEqual({
    "redis-password": "0123",
    token: "1e3",
    hostname: "true",
    ttl: "0x10",
    "redis-prefix": "1.0",
    register: "yes",
    "nats-token": "null",
  });
});

test("lists, aliases and what is null", () => {
  expect(
    textsIn("labels: [007, 'a,b', true]\nttl: &t 9\nkeep-alive: *t\ntoken: null\nhostname:\ncallback: ~\n"),
  ).toEqual({
    labels: ["007", "a,b", "true"],
    ttl: "9",
    "keep-alive": "9",
  });
});

test.each(["", "# nothing\n", "---\n", "null\n", "{}\n", "\uFEFFttl: 9\n"])("%j is a file without mistakes", (text) => {
  expect(parseYamlOptions(text, "c.yaml")).toMatchObject({ mistakes: [], readable: true });
});

test("keys of the command line in the same file are its own", () => {
  expect(mistakesIn("address: localhost:3001\ntimeout: 15s\n")).toEqual([]);
});

test("each known kind of mistake names the file and the line", () => {
  expect(mistakesIn("ttl: 1\nhtp-listen: x\n")).toEqual([
    '"htp-listen": expected the name of an option (did you mean http-listen?), got an unknown key (from c.yaml:2)',
  ]);
  expect(mistakesIn("ttl: {a: 1}\nlabels: [[a]]\n")).toEqual([
    "ttl: expected a value or a list of values, got a mapping (from c.yaml:1)",
    "labels: expected a value or a list of values, got a list of something else than values (from c.yaml:2)",
  ]);
  expect(mistakesIn("ttl: 1\n\nttl: 2\n")).toEqual([
    "c.yaml:3:1: expected YAML, got Map keys must be unique (from file)",
  ]);
  expect(mistakesIn("ttl: [1\n")[0]).toMatch(/^c\.yaml:2:1: expected YAML, got /);
  expect(mistakesIn("- ttl\n")).toEqual([
    "c.yaml: expected a mapping from options to values, got a list of something else than values (from file)",
  ]);
  expect(mistakesIn("just text\n")).toEqual([
    "c.yaml: expected a mapping from options to values, got a single value (from file)",
  ]);
});

test("a syntax error doesn't repeat what it stumbled over", () => {
  const secrets = [
    "token: !hunter2",
    "token: 'a' hunter2",
    'token: "\\q hunter2"',
    "token: @hunter2",
    "token: | hunter2",
    "%hunter2\n---\ntoken: x",
    "token: 'hunter2\nttl: 1",
    "token: [hunter2",
    "token: *hunter2",
  ];
  for (const text of secrets) expect(mistakesIn(text).join("\n"), text).not.toContain("hunter2");
});

test("a nesting too deep for the parser is a mistake, not a crash", () => {
  const { mistakes } = parseYamlOptions("[".repeat(200_000), "c.yaml");
  expect(mistakes.length).toBeGreaterThan(0);
});
