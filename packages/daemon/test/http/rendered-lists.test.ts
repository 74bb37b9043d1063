import { describe, expect, it } from "vitest";
import { RenderedLists } from "../../src/http/rendered-lists.ts";
import { host } from "./app-under-test.ts";

describe("RenderedLists", () => {
  it("renders each list once for each state of the fleet", () => {
    const lists = new RenderedLists();
    let made = 0;
    const make = () => [++made];
    const hosts = [host("a")];
    expect(lists.get(hosts, "x", make).json).toBe("[1]");
    expect(lists.get(hosts, "x", make).json).toBe("[1]");
    expect(lists.get(hosts, "y", make).json).toBe("[2]");
    expect(lists.get([...hosts], "x", make).json).toBe("[3]");
  });

  it("keeps a bounded amount, whatever clients ask for", () => {
    const lists = new RenderedLists();
    const hosts = [host("a")];
    let made = 0;
    const make = () => {
      made++;
      return ["x".repeat(1024 * 1024)];
    };
    for (let key = 0; key < 100; key++) lists.get(hosts, `key ${key}`, make);
    lists.get(hosts, "key 99", make);
    expect(made).toBe(100);
    lists.get(hosts, "key 0", make);
    expect(made).toBe(101);
  });

  it("keeps a bounded number of empty lists", () => {
    const lists = new RenderedLists();
    let made = 0;
    const make = () => {
      made++;
      return [];
    };
    for (let key = 0; key < 70_000; key++) lists.get("state", `${key}`, make);
    lists.get("state", "0", make);
    expect(made).toBe(70_001);
  });
});
