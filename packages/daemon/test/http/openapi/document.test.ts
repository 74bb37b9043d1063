import { METHOD_NAME_ALL } from "hono/router";
import { beforeEach, describe, expect, it } from "vitest";
import { templateOf } from "../../../src/http/openapi/document.ts";
import { appUnderTest, type AppUnderTest } from "../app-under-test.ts";
import { registryApp, type Answered, type RegistryApp } from "../registry-app.ts";

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
}

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly required?: boolean };
  readonly responses: Readonly<Record<string, object>>;
}

interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

let app: AppUnderTest["app"];
let document: Document;

beforeEach(async () => {
  ({ app } = await appUnderTest());
  document = (await (await app.request("/openapi.json")).json()) as Document;
});

const operations = (): [path: string, method: string, operation: Operation][] =>
  Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]): [string, string, Operation] => [path, method, operation]),
  );

it("has every route of the app, and no other", () => {
  const routes = app.routes.filter(({ method }) => method !== METHOD_NAME_ALL);
  const registered = new Set(routes.map(({ path, method }) => `${method} ${templateOf(path)}`));
  const described = operations().map(([path, method]) => `${method.toUpperCase()} ${path}`);
  expect(described.toSorted()).toEqual([...registered].toSorted());
  expect(described.length).toBeGreaterThan(20);
});

describe("is a document of OpenAPI 3.1", () => {
  it("whose operations have names of their own", () => {
    expect(document.openapi).toMatch(/^3\.1\./);
    const ids = operations().map(([, , { operationId }]) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, , operation] of operations()) {
      expect(operation.summary).toMatch(/^[A-Z].*[^.]$/);
      expect(Object.keys(operation.responses)).toContainEqual(expect.stringMatching(/^[23]\d\d$/));
    }
  });

  it("whose paths have exactly the parameters that are described", () => {
    for (const [path, , { parameters = [] }] of operations()) {
      const inPath = parameters.filter((parameter) => parameter.in === "path");
      const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      expect(inPath.map(({ name }) => name)).toEqual(named);
      expect(inPath.every(({ required }) => required === true)).toBe(true);
    }
  });

  it("whose references lead somewhere", () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, reference]) => reference);
    expect(references.length).toBeGreaterThan(10);
    for (const reference of references) {
      const [, kind, name] = /^#\/components\/(\w+)\/(\w+)$/.exec(reference!) ?? [];
      expect(document.components[kind!]?.[name!], reference).toBeDefined();
    }
    expect(JSON.stringify(document)).not.toContain("$defs");
  });
});

it("is open to everybody, like the page that shows it, and says which routes are", async () => {
  const guarded = (await appUnderTest({ token: "sesame" })).app;
  for (const [path, method, operation] of operations()) {
    if (method !== "get" || path.includes("{")) continue;
    const isOpen = "security" in operation;
    expect([path, (await guarded.request(path)).status === 401]).toEqual([path, !isOpen]);
  }
});

describe("says of every change", () => {
  const BODIES: Readonly<Record<string, object>> = {
    registerServer: { name: "s" },
    registerNamespace: { name: "n" },
    registerService: { name: "a", endpoint: "http://a/" },
    wipeRegistry: { confirm: "wipe" },
    restoreBackup: { format: "discovery-backup", v: 1, created: 0, namespaces: [], servers: [], services: [] },
    addLabels: {},
    removeLabels: {},
  };
  const changes = (): [path: string, method: string, operation: Operation][] =>
    operations().filter(([, method]) => method !== "get");

  it("whether it takes a reason from a header", async () => {
    const under = await registryApp();
    const { id } = (JSON.parse((await register(under)).text) as { service: { id: string } }).service;
    for (const [path, method, { operationId, parameters = [] }] of changes()) {
      const target = path.replace("{namespace}", "default").replace("{id}", id).replace("{name}", "s");
      const isTold = parameters.some(({ name }) => name === "X-Discovery-Reason");
      const response = await under.app.request(target + (path.endsWith("{namespace}") ? `?id=${id}` : ""), {
        method: method.toUpperCase(),
        headers: { "X-Discovery-Reason": "bad\u0007" },
        body: JSON.stringify(BODIES[operationId] ?? {}),
      });
      const text = await response.text();
      const isRead = response.status === 400 && text.startsWith("reason ");
      expect([operationId, isRead, text]).toEqual([operationId, isTold, text]);
    }
    expect(changes().filter(([, , { parameters = [] }]) => parameters.length > 0).length).toBeGreaterThan(10);
  });

  it("whether it needs a body, that it may be too long, and that a foreign page may not ask for it", async () => {
    for (const [path, method, { operationId, requestBody, responses }] of changes()) {
      const foreign = await app.request(path, { method: method.toUpperCase(), headers: { Origin: "http://x.test" } });
      expect([operationId, foreign.status, "403" in responses]).toEqual([operationId, 403, true]);
      expect([operationId, "413" in responses]).toEqual([operationId, requestBody !== undefined]);
      expect([operationId, requestBody?.required ?? false]).toEqual([operationId, operationId in BODIES]);
    }
  });
});

async function register({ send }: RegistryApp): Promise<Answered> {
  await send("POST", "/v1/servers", { name: "s" });
  return send("POST", "/v1/services", { name: "a", endpoint: "http://a/" });
}
