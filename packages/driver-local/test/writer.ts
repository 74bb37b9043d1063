/** Writes one entry after the other for ever; prints each revision and key once the write is acknowledged. */
import { writeSync } from "node:fs";
import { LocalDriver } from "../src/driver.ts";
import { LocalHub } from "../src/hub.ts";
import { driverContext } from "./context.ts";

const [path = "", prefix = ""] = process.argv.slice(2);
const driver = new LocalDriver(new LocalHub(path, Math.random), driverContext());
await driver.start();
for (let index = 0; ; index++) {
  const key = `service/${prefix}${index}`;
  const revision = await driver.store.put(key, `value of ${key} `.repeat(1 + (index % 500)));
  writeSync(1, `${revision} ${key}\n`);
}
