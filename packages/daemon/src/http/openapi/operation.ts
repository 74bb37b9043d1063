import type { ErrorCode } from "@org/discovery-core";
import type * as v from "valibot";

/** Groups of routes in the document. */
export type Tag = "Services" | "Servers" | "Namespaces" | "Registry" | "Hosts" | "Prometheus" | "Daemon";

/** What a route answers when all is well. */
export interface Answer {
  readonly description: string;
  /** Media type, or each of those that it may be. Default: `application/json` where there is a schema, else `text/plain`. */
  readonly type?: string | readonly string[];
  readonly schema?: v.GenericSchema;
  /** Default: 200. */
  readonly status?: number;
}

/**
 * One route, told once: the validation of its requests, the types of its handler and the OpenAPI document all read it from here.
 */
export interface Operation {
  /** Unique; what generated clients call it. */
  readonly id: string;
  readonly method: "get" | "post" | "put" | "delete";
  /** Hono's pattern, `/v1/servers/:name`. */
  readonly path: string;
  readonly tag: Tag;
  /** One line, without a period. */
  readonly summary: string;
  readonly description?: string;
  /** An object schema with a member for each segment of the path that has a name. */
  readonly params?: v.GenericSchema;
  /** An object schema; parameters that it does not name are ignored. A parameter that is repeated is an array. */
  readonly query?: v.GenericSchema;
  /** JSON, or text where `textBody` says so. */
  readonly body?: v.GenericSchema;
  /** What the body is, where it is text. */
  readonly textBody?: string;
  readonly answer: Answer;
  /** Whether it writes history, and so takes the header `X-Discovery-Reason`. */
  readonly audited?: boolean;
  /** What may go wrong besides what comes of the token, the method and the body. */
  readonly problems?: readonly ErrorCode[];
  /** Whether `?wait=` with `If-None-Match` waits for the next change. */
  readonly polled?: boolean;
  /** Whether it answers without the token. */
  readonly open?: boolean;
}

type Parsed<Schema> = Schema extends v.GenericSchema ? v.InferOutput<Schema> : undefined;

/** What a handler gets of a request: each part as its schema made it, `undefined` where the operation has none. */
export interface InputOf<Declared extends Operation> {
  readonly params: Parsed<Declared["params"]>;
  readonly query: Parsed<Declared["query"]>;
  readonly body: Parsed<Declared["body"]>;
}

/** Declares an operation, keeping its exact type. */
export function operation<const Declared extends Operation>(declared: Declared): Declared {
  return declared;
}
