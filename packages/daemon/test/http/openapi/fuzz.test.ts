import fc from "fast-check";
import { expect, it } from "vitest";
import { host } from "../app-under-test.ts";
import { registryApp } from "../registry-app.ts";

/** As much of JSON Schema as the document uses. */
interface Schema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly $ref?: string;
}

interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema: Schema }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
  readonly responses: Readonly<Record<string, unknown>>;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** What is likely to be right, and what has broken other people's parsers. */
const TEXTS = [
  ...[
    "default",
    "a",
    "s",
    "http://a/",
    "https://[::1]:9/x?y=z",
    "a=b",
    "a in (b)",
    "!a",
    "10",
    "0",
    "30s",
    "true",
    "date",
  ],
  ...["93c156b1-f218-5d79-88a5-219307e59d29", "standard", "^a", "(a+)+$", "__proto__", "constructor", "toString"],
  ...[
    "",
    " ",
    "(",
    "[",
    "\\",
    "%",
    "%zz",
    "%00",
    "..",
    "../..",
    "a/b",
    "é",
    "🐍",
    "\u0000",
    "\ud800",
    "\r\n",
    "x".repeat(3000),
  ],
  ...["-1", "1e999", "NaN", "null", "{}", "[]", "a{1000}", "a,b,c", ":", "::", "//", "?", "#", "&", "+", "*"],
];

/** What makes sense under a name, so that enough requests get past the checks. */
const SENSIBLE: Readonly<Record<string, readonly unknown[]>> = {
  name: ["s", "a", "default"],
  namespace: ["default"],
  endpoint: ["http://a/", "https://[::1]:9/x?y=z"],
  id: ["http://a/", "93c156b1-f218-5d79-88a5-219307e59d29"],
  selector: ["", "a=b", "a in (b)"],
  labels: [{}, { a: "b" }, { ["__proto__"]: "x" }],
  weight: [1, null],
  ttl: [0, 60, "1m"],
  export: [0, "1", "blackbox"],
  reason: ["because", null],
  description: [""],
  server: ["s", ".*"],
};

const text = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...TEXTS) },
  fc.string({ unit: "binary", maxLength: 40 }),
);
const anything = fc.oneof(text, fc.double(), fc.boolean(), fc.constant(null), fc.jsonValue({ maxDepth: 2 }));

function valueOf(schema: Schema, document: Document, name = ""): fc.Arbitrary<unknown> {
  const sensible = Object.hasOwn(SENSIBLE, name) ? (SENSIBLE[name] ?? []) : [];
  return fc.oneof(
    {
      weight: sensible.length === 0 ? 0 : 30,
      arbitrary: fc.constantFrom(...sensible, ...(sensible.length === 0 ? [""] : [])),
    },
    { weight: 6, arbitrary: rightValueOf(schema, document) },
    { weight: 1, arbitrary: anything },
  );
}

function rightValueOf(schema: Schema, document: Document): fc.Arbitrary<unknown> {
  const { $ref, anyOf, type, items, properties = {}, additionalProperties } = schema;
  if ($ref !== undefined) return rightValueOf(document.components.schemas[$ref.split("/").at(-1)!]!, document);
  if (anyOf !== undefined) return fc.oneof(...anyOf.map((one) => valueOf(one, document)));
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  if ("const" in schema) return fc.constant(schema.const);
  if (type === "array") return fc.array(valueOf(items ?? {}, document), { maxLength: 3 });
  if (type === "object") {
    const members = Object.entries(properties).map(
      ([name, member]) => [name, valueOf(member, document, name)] as const,
    );
    const known = fc.record(Object.fromEntries(members), { requiredKeys: [...(schema.required ?? [])] });
    if (typeof additionalProperties !== "object") return known;
    return fc.dictionary(text, valueOf(additionalProperties, document), { maxKeys: 3 });
  }
  if (type === "number" || type === "integer") return fc.oneof(fc.integer({ min: -2, max: 100 }), fc.double());
  if (type === "boolean") return fc.boolean();
  return type === "string" ? text : anything;
}

interface Request {
  readonly method: string;
  readonly path: string;
  readonly init: RequestInit;
  readonly operation: Operation;
}

function requestOf(document: Document, path: string, method: string): fc.Arbitrary<Request> {
  const operation = document.paths[path]![method]!;
  const { parameters = [], requestBody } = operation;
  const values = fc.tuple(
    ...parameters.map(({ schema, name }) => fc.option(valueOf(schema, document, name), { nil: undefined, freq: 2 })),
  );
  const contents = Object.entries(requestBody?.content ?? {});
  const bodies = contents.map(([type, { schema }]) =>
    type === "application/json" ? rightValueOf(schema, document).map((value) => JSON.stringify(value)) : text,
  );
  const wrong = fc.oneof(
    text,
    anything.map((value) => JSON.stringify(value)),
    fc.uint8Array({ maxLength: 60 }),
  );
  const sent = bodies.length === 0 ? wrong : fc.oneof({ weight: 6, arbitrary: fc.oneof(...bodies) }, wrong);
  const body = fc.option(sent, { nil: undefined, freq: 10 });
  return fc.tuple(values, method === "get" ? fc.constant(undefined) : body).map(([given, content]) => {
    const query = new URLSearchParams();
    const headers = new Headers({ Accept: "application/json" });
    let target = path;
    for (const [index, { name, in: where }] of parameters.entries()) {
      const value = given[index];
      const shown = (typeof value === "string" ? value : JSON.stringify(value ?? "x")).toWellFormed();
      // A wait would be a wait.
      if (name === "wait") continue;
      if (where === "path") target = target.replace(`{${name}}`, encodeURIComponent(shown));
      else if (where === "query" && value !== undefined) query.append(name, shown);
      else if (where === "header" && /^[\x20-\x7e]*$/.test(shown)) headers.set(name, shown);
    }
    const search = query.toString();
    const init = content === undefined ? { headers } : { headers, body: content as string };
    return { method, path: search === "" ? target : `${target}?${search}`, init, operation };
  });
}

/** What HTTP may answer beside what the document says of an operation. */
const BEYOND = ["304", "403", "404", "405", "413"];

it("no route answers with a 500, with what the document does not say, or late", { timeout: 300_000 }, async () => {
  const { app, presence, log, send } = await registryApp();
  presence.known = [host("a.example.com", "prometheus:a", "service:smtp"), host("é", "a", "__proto__:x")];
  await send("POST", "/v1/servers", { name: "s", labels: { a: "b" } });
  await send("POST", "/v1/services", { name: "a", endpoint: "http://a/", ttl: 60, labels: { a: "b" } });
  const document = (await (await app.request("/openapi.json")).json()) as Document;
  const operations = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.keys(item).map((method) => [path, method] as const),
  );
  for (const [path, method] of operations) {
    // An event stream has no end.
    if (path === "/v1/watch") continue;
    await fc.assert(
      fc.asyncProperty(requestOf(document, path, method), async ({ path: target, init, operation }) => {
        const begun = performance.now();
        const response = await app.request(target, { ...init, method: method.toUpperCase() });
        const answer = await response.text();
        const told = `${method} ${target} ${JSON.stringify(init.body)}: ${response.status} ${answer.slice(0, 300)}`;
        expect([...Object.keys(operation.responses), ...BEYOND], told).toContain(String(response.status));
        expect(response.status, told).not.toBe(500);
        expect(performance.now() - begun, told).toBeLessThan(10_000);
        if (response.headers.get("Content-Type")?.includes("json") === true) JSON.parse(answer);
      }),
      { numRuns: 60 },
    );
  }
  expect(log.at("error")).toEqual([]);
});
