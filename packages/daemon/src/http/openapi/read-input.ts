import { DiscoveryError, toError } from "@org/discovery-core";
import type { Context } from "hono";
import * as v from "valibot";
import { readText } from "../body.ts";
import { describeIssue } from "./describe-issue.ts";
import type { InputOf, Operation } from "./operation.ts";

/**
 * The parts of a request that an operation declares, each made by its schema.
 *
 * @throws DiscoveryError `invalid_argument` that names the member at fault; an `HTTPException` with the 413 for a body that is too long.
 */
export async function readInput<Declared extends Operation>(
  c: Context,
  operation: Declared,
): Promise<InputOf<Declared>> {
  const { params, query, body } = operation;
  const input = {
    params: params === undefined ? undefined : parse("path", params, c.req.param()),
    query: query === undefined ? undefined : parse("query parameter", query, readQuery(c)),
    body: body === undefined ? undefined : parse("request body", body, await readJson(c)),
  };
  // The cast holds because each part was made by the schema that its type is taken from.
  return input as InputOf<Declared>;
}

/** Each parameter's value, or its values where it is repeated. An empty value is none. */
function readQuery(c: Context): Record<string, string | string[]> {
  const pairs = Object.entries(c.req.queries()).map(([name, given]): [string, string | string[]] => {
    const values = given.filter((value) => value !== "");
    return [name, values.length > 1 ? values : (values[0] ?? "")];
  });
  return Object.fromEntries(pairs.filter(([, value]) => value !== ""));
}

/** An empty body is an empty object: every member may be left out that has a default. */
async function readJson(c: Context): Promise<unknown> {
  const text = await readText(c);
  if (text.trim() === "") return {};
  try {
    const json: unknown = JSON.parse(text);
    // To valibot an array is an object, too.
    if (!Array.isArray(json)) return json;
  } catch (error) {
    throw new DiscoveryError("invalid_argument", `request body: expected JSON: ${toError(error).message}`, {
      cause: error,
    });
  }
  throw new DiscoveryError("invalid_argument", "request body: expected an object, got an array");
}

function parse(where: string, schema: v.GenericSchema, value: unknown): unknown {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  throw new DiscoveryError("invalid_argument", result.issues.map((issue) => describeIssue(where, issue)).join("\n"));
}
