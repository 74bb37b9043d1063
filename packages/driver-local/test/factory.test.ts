import { join } from "node:path";
import * as v from "valibot";
import { expect, test } from "vitest";
import byDefault, { localDriver, localOptions } from "../src/index.ts";
import { driverContext } from "./context.ts";
import { temporaryFolder } from "./temporary-folder.ts";

test("the default export is the factory", () => {
  expect(byDefault).toBe(localDriver);
});

test("makes a driver that keeps things in the file of its options", async () => {
  const path = join(temporaryFolder(), "a", "b", "registry.db");
  const driver = localDriver.create(v.parse(localOptions, { path }), driverContext());
  await driver.start();
  expect(await driver.store?.put("service/a", "1")).toBe(1);
  await driver.close();
});

test("every option is described", () => {
  for (const option of Object.values(localOptions.entries)) expect(v.getDescription(option)).toBeTruthy();
});

test.each([[{}], [{ path: "" }], [{ path: 7 }], [{ path: "a", size: 1 }]])("refuses the options %j", (options) => {
  expect(v.safeParse(localOptions, options).success).toBe(false);
});
