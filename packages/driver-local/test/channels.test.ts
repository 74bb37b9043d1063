import { expect, test } from "vitest";
import { Channels } from "../src/channels.ts";

const nextTurn = (): Promise<void> => new Promise((resolve) => void setTimeout(resolve, 0));

test("a handler that publishes does not overtake itself", async () => {
  const channels = new Channels();
  const heard: string[] = [];
  channels.subscribe("c", (message) => {
    if (message === "one") channels.publish("c", "two");
  });
  channels.subscribe("c", (message) => void heard.push(message));
  channels.publish("c", "one");
  expect(heard).toEqual([]);
  await nextTurn();
  expect(heard).toEqual(["one", "two"]);
  channels.publish("c", "three");
  await nextTurn();
  expect(heard).toEqual(["one", "two", "three"]);
});

test("who subscribes after a message was published does not hear it", async () => {
  const channels = new Channels();
  const heard: string[] = [];
  channels.subscribe("c", () => {});
  channels.publish("c", "early");
  channels.subscribe("c", (message) => void heard.push(message));
  await nextTurn();
  expect(heard).toEqual([]);
});

test("who cancels before the delivery hears nothing", async () => {
  const channels = new Channels();
  const heard: string[] = [];
  const cancel = channels.subscribe("c", (message) => void heard.push(message));
  channels.publish("c", "late");
  cancel();
  await nextTurn();
  expect(heard).toEqual([]);
});

test("clear drops subscriptions and what is under way, and leaves the channels usable", async () => {
  const channels = new Channels();
  const heard: string[] = [];
  const cancel = channels.subscribe("c", (message) => void heard.push(`before ${message}`));
  channels.publish("c", "one");
  channels.clear();
  channels.subscribe("c", (message) => void heard.push(`after ${message}`));
  cancel();
  channels.publish("c", "two");
  await nextTurn();
  expect(heard).toEqual(["after two"]);
});
