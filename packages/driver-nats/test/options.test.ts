import { expect, test } from "vitest";
import * as v from "valibot";
import { natsOptions } from "../src/index.ts";
import { endpointName, natsEndpoint } from "../src/nats-url.ts";
import { natsDriverWith } from "./context.ts";
import { ServerList } from "../src/server-list.ts";

test("nothing has to be given", () => {
  expect(v.parse(natsOptions, {})).toMatchObject({
    servers: ["nats://127.0.0.1:4222"],
    store: true,
    bucket: "discovery",
    prefix: "",
    replicas: 1,
  });
});

test("every option has a description", () => {
  const [{ entries }] = natsOptions.pipe;
  for (const [name, entry] of Object.entries(entries)) {
    const [description] = "wrapped" in entry ? [v.getDescription(entry.wrapped)] : [];
    expect(description, name).toMatch(/^[A-Z].*\.$/s);
  }
});

test.each([
  [{ servers: [] }, "Invalid length"],
  [{ servers: ["http://a"] }, "expected nats://"],
  [{ servers: ["nats://a/b"] }, "expected nats://"],
  [{ servers: ["nats://user:geheim@a:99999"] }, "expected nats://"],
  [{ bucket: "a.b" }, "expected 1 to 100 letters"],
  [{ replicas: 6 }, "Invalid value"],
  [{ history: 65 }, "Invalid value"],
  [{ username: "u", token: "t" }, "token: expected nothing, because of `username`"],
  [{ nkeyFile: "/a", credentialsFile: "/b" }, "credentialsFile: expected nothing, because of `nkeyFile`"],
  [{ password: "p" }, "username: expected the user of `password`"],
  [{ requestTimeuotMs: 9000 }, "requestTimeuotMs"],
  [{ tlsCert: "a.pem" }, "tlsKey: expected the key of `tlsCert`"],
  [{ tlsKey: "a.pem" }, "tlsCert: expected the certificate of `tlsKey`"],
])("%j: %s", (options, problem) => {
  const { success, issues = [] } = v.safeParse(natsOptions, options);
  expect(success).toBe(false);
  expect(issues.map(({ message }) => message).join()).toContain(problem);
  expect(issues.map(({ message }) => message).join()).not.toContain("geheim");
});

test("files that are not there are told at once and all, each on a line by option and name", () => {
  const told = (option: string, what: string, file: string): string =>
    `${option}: expected ${what}, got "/nowhere/${file}": ENOENT: no such file or directory`;
  const lines = [told("nkeyFile", "a file with the seed of an nkey", "user.nk"), told("tlsCa", "a PEM file", "ca.pem")];
  expect(() => natsDriverWith({ nkeyFile: "/nowhere/user.nk", tlsCa: "/nowhere/ca.pem" })).toThrow(
    expect.objectContaining({ code: "invalid_argument", message: lines.join("\n") }),
  );
});

test("a seed that is none is told at once, and not repeated", () => {
  expect(() => natsDriverWith({ nkeySeed: "geheim" })).toThrow(
    expect.objectContaining({ code: "invalid_argument", message: "nkeySeed: expected the seed of an nkey (SU…)" }),
  );
});

test("what a URL says", () => {
  const bare = { username: undefined, password: undefined };
  expect(natsEndpoint("nats://a.example")).toEqual({ host: "a.example", port: 4222, tls: false, ...bare });
  expect(natsEndpoint("tls://[::1]:5000/")).toEqual({ host: "::1", port: 5000, tls: true, ...bare });
  expect(natsEndpoint("a.example:80")).toEqual({ host: "a.example", port: 80, tls: false, ...bare });
  const login = natsEndpoint("nats://us%40er:p%3Aw@a:1");
  expect(login).toMatchObject({ username: "us@er", password: "p:w" });
  expect(endpointName(login)).toBe("a:1");
  expect(endpointName(natsEndpoint("nats://[::1]"))).toBe("[::1]:4222");
});

test("every server has its turn, those found in the cluster after those given", () => {
  const list = new ServerList(["tls://u:p@a", "tls://u:p@b"], () => 0);
  expect([list.next().host, list.next().host, list.next().host]).toEqual(["a", "b", "a"]);
  list.discovered(["b:4222", "c:4222", "[::1]:5000"], natsEndpoint("tls://u:p@a"));
  expect(list.count).toBe(4);
  const turns = Array.from({ length: 4 }, () => list.next());
  expect(turns.map(endpointName).toSorted()).toEqual(["[::1]:5000", "a:4222", "b:4222", "c:4222"]);
  expect(turns.every(({ tls, username }) => tls && username === "u")).toBe(true);
});

test("an address that a server told is expected to have that server's name in its certificate", () => {
  const list = new ServerList(["tls://a.example"], () => 0);
  list.discovered(["10.0.0.1:4222", "b.example:4222"], natsEndpoint("tls://a.example"));
  const [, address, name] = [list.next(), list.next(), list.next()];
  expect(address).toMatchObject({ host: "10.0.0.1", tlsName: "a.example" });
  expect(name).not.toHaveProperty("tlsName");
  list.discovered(["10.0.0.1:4222", "10.0.0.2:4222", "c.example:4222"], address);
  const told = Array.from({ length: 4 }, () => list.next());
  expect(told.find(({ host }) => host === "10.0.0.2")?.tlsName).toBe("a.example");
  expect(told.find(({ host }) => host === "c.example")).not.toHaveProperty("tlsName");
  list.discovered(["10.0.0.1:4222", "10.0.0.2:4222"], natsEndpoint("nats://10.0.0.1"));
  expect(Array.from({ length: 3 }, () => list.next()).every(({ tlsName }) => tlsName === undefined)).toBe(true);
});

test("a server that is cut off from its cluster does not make the others forgotten", () => {
  const list = new ServerList(["a"], () => 0);
  list.discovered(["a:4222", "b:4222"], natsEndpoint("a"));
  list.discovered(["a:4222"], natsEndpoint("a"));
  expect([list.next().host, list.next().host]).toEqual(["a", "b"]);
});
