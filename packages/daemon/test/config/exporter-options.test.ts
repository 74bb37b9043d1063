import { expect, test } from "vitest";
import { configFrom, mistakesFrom } from "./resolve-from.ts";

const NAMED = ["exporter", "--server", "prom.example.com"];

test("the exporter runs with nothing but the name of its server", () => {
  const { exporter, http } = configFrom({ argv: NAMED });
  expect(exporter).toEqual({
    server: "prom.example.com",
    directory: "/tmp/discovery",
    resyncMs: 3_600_000,
    fileMode: 0o600,
    from: undefined,
  });
  expect(http.listen).toEqual({ host: "localhost", port: 3003 });
  expect(configFrom({}).http.listen).toEqual({ host: "127.0.0.1", port: 1313 });
});

test("every option comes from a variable, too", () => {
  const environment = {
    DISCOVERY_SERVER: "p",
    DISCOVERY_DIRECTORY: "/d",
    DISCOVERY_RESYNC_INTERVAL: "90s",
    DISCOVERY_FILE_MODE: "640",
    DISCOVERY_FROM: "https://d.example.com/discovery",
  };
  const { exporter } = configFrom({ argv: ["exporter"], environment });
  const from = "https://d.example.com/discovery";
  expect(exporter).toEqual({ server: "p", directory: "/d", resyncMs: 90_000, fileMode: 0o640, from });
});

test("only the exporter needs a server, and only the daemon a reason to be reachable", () => {
  expect(mistakesFrom({ argv: ["exporter"] })).toEqual([
    "--server: expected the name of a Prometheus server, got nothing (from default)",
  ]);
  expect(mistakesFrom({ argv: ["server"] })).toEqual([]);
  const listen = ["--http-listen", ":3003"];
  expect(mistakesFrom({ argv: [...NAMED, ...listen] })).toEqual([]);
  expect(mistakesFrom({ argv: listen })).toHaveLength(1);
});

test.each([
  ["--server", ""],
  ["--server", "../x"],
  ["--server", ".."],
  ["--file-mode", "0200"],
  ["--file-mode", "0755"],
  ["--file-mode", "600x"],
  ["--resync-interval", "0"],
  ["--from", "127.0.0.1:1313"],
  ["--from", "ftp://a"],
  ["--from", "http://user:secret@a"],
  ["--from", "http://a/?token=secret"],
])("%s %j is a mistake, and no secret is told", (flag, value) => {
  const mistakes = mistakesFrom({ argv: [...NAMED, `${flag}=${value}`] });
  expect(mistakes).toHaveLength(1);
  expect(mistakes[0]).toContain(flag);
  expect(mistakes[0]).not.toContain("secret");
});
