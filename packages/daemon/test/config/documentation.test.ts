import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { withOptionTables } from "../../src/config/documentation.ts";
import { parseYamlOptions } from "../../src/config/yaml-options.ts";

const path = fileURLToPath(new URL("../../../../docs/configuration.md", import.meta.url));
const page = readFileSync(path, "utf8");

// `vitest run --project daemon test/config/documentation.test.ts -u` writes the page anew.
test("docs/configuration.md has the tables of the options as they are", async () => {
  await expect(withOptionTables(page)).toMatchFileSnapshot(path);
});

test("its example of a file is one", () => {
  const [, example = ""] = /```yaml\n(.*?)```/s.exec(page) ?? [];
  const { given, mistakes } = parseYamlOptions(example, "config.yaml");
  expect(mistakes).toEqual([]);
  expect(given.size).toBeGreaterThan(2);
});
