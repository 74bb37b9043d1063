/** Writes until a write fails; prints what was acknowledged, then the failure and what the link says of it. */
import { writeSync } from "node:fs";
import { DiscoveryError } from "@org/discovery-core";
import { LocalDriver } from "../src/driver.ts";
import { LocalHub } from "../src/hub.ts";
import { driverContext } from "./context.ts";

const [path = ""] = process.argv.slice(2);
const driver = new LocalDriver(new LocalHub(path, Math.random), driverContext());
await driver.start();
try {
  for (let index = 0; ; index++) {
    const revision = await driver.store.put(`service/${index}`, "v".repeat(10_000));
    writeSync(1, `${revision} service/${index}\n`);
  }
} catch (error) {
  const code = error instanceof DiscoveryError ? error.code : String(error);
  const { state, lastError } = driver.link;
  writeSync(1, `${JSON.stringify({ code, state, lastError: lastError?.message })}\n`);
}
await driver.close();
