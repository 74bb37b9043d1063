import type { JsonSchema } from "@valibot/to-json-schema";
import { ProblemMessage } from "../messages/problem-message.ts";
import { type ProblemCode, statusOf } from "../errors.ts";
import { hasRequiredMembers, jsonSchemaOf, namedSchemas } from "./json-schema.ts";
import type { Operation } from "./operation.ts";

type Json = Readonly<Record<string, unknown>>;

const PROBLEMS: Readonly<Record<Exclude<ProblemCode, "internal" | "method_not_allowed">, string>> = {
  invalid_argument: "The request is wrong; the text says where.",
  unauthenticated: "No token, or a wrong one.",
  permission_denied: "A change sent by a web page of somebody else, where no token protects the daemon.",
  not_found: "There is none.",
  payload_too_large: "A body that is too long.",
  revision_conflict: "Others kept changing the same, or the store holds a value that this daemon cannot read.",
  unimplemented: "This installation cannot do it.",
  unavailable: "Not now: the daemon is not certain yet, or the backend is away.",
  outcome_unknown: "The backend was lost before it answered: done, or not.",
};
const POLL_PARAMETERS = [
  {
    name: "wait",
    in: "query",
    description: "With If-None-Match, waits so long for another answer: seconds or a Go duration, at most 60 s.",
    schema: { type: "string" },
  },
  { name: "If-None-Match", in: "header", description: "Entity tag of an earlier answer.", schema: { type: "string" } },
];
const REASON_HEADER = {
  name: "X-Discovery-Reason",
  in: "header",
  description: "Why, for the history; where the request itself says none.",
  schema: { type: "string" },
};

/** The OpenAPI 3.1 document of these operations. */
export function openApiDocument(operations: readonly Operation[]): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const operation of operations) {
    const path = templateOf(operation.path);
    paths[path] = { ...paths[path], [operation.method]: operationObject(operation) };
  }
  return {
    openapi: "3.1.1",
    info: {
      title: "discovery",
      version: "1",
      description: "Which hosts are alive, and which Prometheus scrapes what.",
    },
    paths,
    components: {
      schemas: namedSchemas(),
      responses: problemResponses(),
      securitySchemes: { token: { type: "http", scheme: "bearer" } },
    },
    security: [{ token: [] }, {}],
  };
}

/** `/v1/servers/{name}` for Hono's `/v1/servers/:name`. */
export function templateOf(path: string): string {
  return path.replace(/:(\w+)/g, "{$1}");
}

function operationObject(operation: Operation): Json {
  const { id, tag, summary, description, open = false } = operation;
  const parameters = parametersOf(operation);
  const requestBody = requestBodyOf(operation);
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(requestBody === undefined ? {} : { requestBody }),
    responses: responsesOf(operation),
    ...(open ? { security: [] } : {}),
  };
}

function requestBodyOf({ body, textBody }: Operation): Json | undefined {
  if (body !== undefined) {
    return { content: { "application/json": { schema: jsonSchemaOf(body) } }, required: hasRequiredMembers(body) };
  }
  if (textBody === undefined) return undefined;
  return { content: { "text/plain": { schema: { type: "string" } } }, description: textBody, required: true };
}

function parametersOf({ params, query, polled = false, audited = false }: Operation): Json[] {
  return [
    ...(params === undefined ? [] : membersOf(params, "path")),
    ...(query === undefined ? [] : membersOf(query, "query")),
    ...(polled ? POLL_PARAMETERS : []),
    ...(audited ? [REASON_HEADER] : []),
  ];
}

function membersOf(schema: NonNullable<Operation["params"]>, where: "path" | "query"): Json[] {
  const { properties = {}, required = [] } = jsonSchemaOf(schema);
  return Object.entries(properties).map(([name, property]) => {
    const { description, ...schema }: JsonSchema = typeof property === "boolean" ? {} : property;
    return {
      name,
      in: where,
      required: where === "path" || required.includes(name),
      ...(description === undefined ? {} : { description }),
      schema,
    };
  });
}

function responsesOf(operation: Operation): Json {
  const { description, schema, status = 200 } = operation.answer;
  const { type = schema === undefined ? "text/plain" : "application/json" } = operation.answer;
  const content = [type]
    .flat()
    .map((each) => [each, { schema: schema === undefined ? { type: "string" } : jsonSchemaOf(schema) }]);
  const failures = problemsOf(operation).map((code): [string, Json] => [
    String(statusOf(code)),
    { $ref: `#/components/responses/${code}` },
  ]);
  return {
    [String(status)]: { description, content: Object.fromEntries(content) as Json },
    ...(operation.polled === true ? { "304": { description: "The client has it already." } } : {}),
    ...Object.fromEntries(failures),
  };
}

/** What may go wrong with an operation, told by itself or by what stands before it. */
function problemsOf({ problems = [], method, body, textBody, open = false }: Operation): ProblemCode[] {
  const hasBody = body !== undefined || textBody !== undefined;
  return [
    ...problems,
    ...(open ? [] : (["unauthenticated"] as const)),
    ...(method === "get" ? [] : (["permission_denied"] as const)),
    ...(hasBody ? (["payload_too_large"] as const) : []),
  ];
}

function problemResponses(): Json {
  const text = { schema: { type: "string" } };
  const content = { "text/plain": text, "application/problem+json": { schema: jsonSchemaOf(ProblemMessage) } };
  const responses = Object.entries(PROBLEMS).map(([code, description]) => [code, { description, content }]);
  return Object.fromEntries(responses) as Json;
}
