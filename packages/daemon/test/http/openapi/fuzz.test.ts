import fc from "fast-check";
import { expect, it } from "vitest";
import { host } from "../app-under-test.ts";
import { registryApp, type RegistryApp } from "../registry-app.ts";
import { mismatches, resolved, type Named, type Schema } from "./schema.ts";

interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema: Schema }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
  readonly responses: Readonly<Record<string, Answer>>;
}

interface Answer {
  readonly $ref?: string;
  readonly content?: Readonly<Record<string, { readonly schema: Schema }>>;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Named; readonly responses: Readonly<Record<string, Answer>> };
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
  subject: ["http://a/", "a.example.com"],
  label: ["service:smtp"],
  file: ["index.html", "start.js"],
  wait: ["0s"],
  since: ["1h"],
  until: ["0s"],
  limit: ["5"],
  config: ["standard", "1"],
  "export-config": ["standard"],
  port: ["9100"],
  kind: ["service"],
  add: [[{ name: "t" }]],
  remove: [["s"]],
  drain: [["s"]],
  replicas: [1, 2],
  confirm: ["wipe"],
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
  if ($ref !== undefined) return rightValueOf(resolved(schema, document.components.schemas), document);
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

interface Asked {
  readonly document: Document;
  readonly path: string;
  readonly method: string;
  readonly backup: string;
}

interface Request {
  readonly method: string;
  readonly path: string;
  readonly init: RequestInit;
  readonly operation: Operation;
}

/** Bodies that are text and mean something, beside the labels that any text is. */
function textsFor(path: string, backup: string): fc.Arbitrary<string> {
  return path === "/v1/restore" ? fc.oneof(fc.constant(backup), text) : text;
}

function requestOf({ document, path, method, backup }: Asked): fc.Arbitrary<Request> {
  const operation = document.paths[path]![method]!;
  const { parameters = [], requestBody } = operation;
  const values = fc.tuple(
    ...parameters.map(({ schema, name }) => fc.option(valueOf(schema, document, name), { nil: undefined, freq: 2 })),
  );
  const contents = Object.entries(requestBody?.content ?? {});
  const bodies = contents.map(([type, { schema }]) =>
    type === "application/json"
      ? rightValueOf(schema, document).map((value) => JSON.stringify(value))
      : textsFor(path, backup),
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
      if (name === "wait" && shown !== "0s") continue;
      // A dot or two make another path of it before it is sent.
      const segment = /^\.\.?$/.test(shown) ? "x" : shown;
      if (where === "path") target = target.replace(`{${name}}`, encodeURIComponent(segment));
      else if (where === "query" && value !== undefined) query.append(name, shown);
      else if (where === "header" && /^[\x20-\x7e]*$/.test(shown)) headers.set(name, shown);
    }
    const search = query.toString();
    const init = content === undefined ? { headers } : { headers, body: content as string };
    return { method, path: search === "" ? target : `${target}?${search}`, init, operation };
  });
}

/** What HTTP may answer beside what the document says of an operation: a path with a name left empty is another one. */
const BEYOND = ["404", "405"];
/** Whose answers have more members than are worth telling. */
const LOOSE = ["/openapi.json", "/v1/backup"];

interface Answered {
  readonly status: string;
  readonly type: string;
  readonly text: string;
}

/** What is wrong with an answer, by what the document says of the operation. */
function faultsOf(
  { status, type, text: answer }: Answered,
  { document, operation, path }: Asked & { operation: Operation },
) {
  const told = operation.responses[status];
  if (told === undefined) return BEYOND.includes(status) ? [] : [`status ${status} is not told of`];
  const { content = {} } =
    told.$ref === undefined ? told : document.components.responses[told.$ref.split("/").at(-1)!]!;
  if (status === "304" || status === "302") return [];
  const [media = ""] = type.split(";");
  if (!Object.hasOwn(content, media)) return [`type ${type} is not told of`];
  if (!media.endsWith("json")) return [];
  const value: unknown = JSON.parse(answer);
  return LOOSE.includes(path) ? [] : mismatches(value, content[media]?.schema ?? {}, document.components.schemas);
}

/** What the requests are about; they may have removed it. */
async function prepare({ send }: RegistryApp): Promise<void> {
  await send("POST", "/v1/servers", { name: "s", labels: { a: "b" } });
  await send("POST", "/v1/services", { name: "a", endpoint: "http://a/", ttl: 60, labels: { a: "b" } });
}

it("every route answers just as the document says, never with a 500, and not late", { timeout: 300_000 }, async () => {
  const under = await registryApp();
  const { app, presence, log, send } = under;
  presence.known = [host("a.example.com", "prometheus:a", "service:smtp"), host("é", "a", "__proto__:x")];
  await prepare(under);
  const backup = (await send("GET", "/v1/backup")).text;
  const document = (await (await app.request("/openapi.json")).json()) as Document;
  const succeeded = new Set<string>();
  const operations = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.keys(item).map((method) => [path, method] as const),
  );
  // An event stream has no end.
  const finite = operations.filter(([path]) => path !== "/v1/watch");
  for (const [path, method] of finite) {
    const asked = { document, path, method, backup };
    await fc.assert(
      fc.asyncProperty(requestOf(asked), async ({ path: target, init, operation }) => {
        const begun = performance.now();
        const response = await app.request(target, { ...init, method: method.toUpperCase() });
        const answered = {
          status: String(response.status),
          type: response.headers.get("Content-Type") ?? "",
          text: await response.text(),
        };
        const told = `${method} ${target} ${JSON.stringify(init.body)}: ${response.status} ${answered.text.slice(0, 300)}`;
        expect(faultsOf(answered, { ...asked, operation }), told).toEqual([]);
        expect(performance.now() - begun, told).toBeLessThan(10_000);
        if (response.status >= 400) return;
        succeeded.add(`${method} ${path}`);
        if (method !== "get") await prepare(under);
      }),
      { numRuns: 60 },
    );
  }
  expect(log.at("error")).toEqual([]);
  // Otherwise the refusals hide what is behind them.
  expect([...succeeded].toSorted()).toEqual(finite.map(([path, method]) => `${method} ${path}`).toSorted());
});
