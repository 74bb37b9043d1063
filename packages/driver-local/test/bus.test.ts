import { expect, test } from "vitest";
import { LocalDriver } from "../src/driver.ts";
import { LocalHub } from "../src/hub.ts";
import { driverContext } from "./context.ts";

const nextTurn = (): Promise<void> => new Promise((resolve) => void setTimeout(resolve, 0));

test("a handler that throws is logged, and the others hear the message", async () => {
  const context = driverContext();
  const driver = new LocalDriver(new LocalHub(":memory:", Math.random), context);
  await driver.start();
  const heard: string[] = [];
  await driver.bus.subscribe("c", () => {
    throw new Error("broken handler");
  });
  await driver.bus.subscribe("c", (message) => void heard.push(message));
  await driver.bus.publish("c", "one");
  await nextTurn();
  expect(heard).toEqual(["one"]);
  expect(context.log.lines).toEqual(["error message handler threw; the message is dropped"]);
  await driver.close();
});

test("reaches this process only", () => {
  const driver = new LocalDriver(new LocalHub(":memory:", Math.random), driverContext());
  expect(driver.bus.reach).toBe("process");
});
