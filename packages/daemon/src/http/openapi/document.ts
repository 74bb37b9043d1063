import type { ErrorCode } from "@org/discovery-core";
import type { JsonSchema } from "@valibot/to-json-schema";
import { ProblemMessage } from "../messages/problem-message.ts";
import { statusOf } from "../errors.ts";
import { jsonSchemaOf, namedSchemas } from "./json-schema.ts";
import type { Operation } from "./operation.ts";

type Json = Readonly<Record<string, unknown>>;

const PROBLEMS: Readonly<Record<ErrorCode, string>> = {
  invalid_argument: "The request is wrong; the text says where.",
  unauthenticated: "No token, or a wrong one.",
  permission_denied: "A change that may not be made.",
  not_found: "There is none.",
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
  const { id, tag, summary, description, body, textBody, open = false } = operation;
  const parameters = parametersOf(operation);
  const content = body === undefined ? undefined : { "application/json": { schema: jsonSchemaOf(body) } };
  const text = textBody === undefined ? undefined : { "text/plain": { schema: { type: "string" } } };
  const requestBody = content ?? text;
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(requestBody === undefined ? {} : { requestBody: { content: requestBody, description: textBody } }),
    responses: responsesOf(operation),
    ...(open ? { security: [] } : {}),
  };
}

function parametersOf({ params, query, polled = false, method, body }: Operation): Json[] {
  const isChange = method !== "get" && (params !== undefined || body !== undefined);
  return [
    ...(params === undefined ? [] : membersOf(params, "path")),
    ...(query === undefined ? [] : membersOf(query, "query")),
    ...(polled ? POLL_PARAMETERS : []),
    ...(isChange ? [REASON_HEADER] : []),
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

function responsesOf({ answer, problems = [], polled = false, open = false }: Operation): Json {
  const { description, schema, type = schema === undefined ? "text/plain" : "application/json", status = 200 } = answer;
  const content = { [type]: { schema: schema === undefined ? { type: "string" } : jsonSchemaOf(schema) } };
  const unauthenticated: readonly ErrorCode[] = open ? [] : ["unauthenticated"];
  const failures = [...problems, ...unauthenticated].map((code): [string, Json] => [
    String(statusOf(code)),
    { $ref: `#/components/responses/${code}` },
  ]);
  return {
    [String(status)]: { description, content },
    ...(polled ? { "304": { description: "The client has it already." } } : {}),
    ...Object.fromEntries(failures),
  };
}

function problemResponses(): Json {
  const text = { schema: { type: "string" } };
  const content = { "text/plain": text, "application/problem+json": { schema: jsonSchemaOf(ProblemMessage) } };
  const responses = Object.entries(PROBLEMS).map(([code, description]) => [code, { description, content }]);
  return Object.fromEntries(responses) as Json;
}
