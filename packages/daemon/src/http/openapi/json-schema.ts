import { type ConversionConfig, type JsonSchema, toJsonSchema } from "@valibot/to-json-schema";
import type * as v from "valibot";
import { definitions } from "./definitions.ts";

/** Checks that the schema of a request makes beyond what JSON Schema can say; their messages tell what was expected. */
const UNSAYABLE = ["raw_check", "raw_transform", "check", "transform"];

/** How a schema's input looks in JSON, in the dialect of OpenAPI 3.1; messages with a name of their own by reference. */
export function jsonSchemaOf(schema: v.GenericSchema): JsonSchema {
  return bare(toJsonSchema(schema, CONFIG));
}

/** Whether a schema's input has members that may not be left out. */
export function hasRequiredMembers(schema: v.GenericSchema): boolean {
  const { required = [] } = toJsonSchema(schema, { ...CONFIG, definitions: {} });
  return required.length > 0;
}

/** The messages with a name of their own. */
export function namedSchemas(): Readonly<Record<string, JsonSchema>> {
  const named = Object.entries(definitions).map(([name, schema]): [string, JsonSchema] => {
    const others = Object.entries(definitions).filter(([other]) => other !== name);
    return [name, bare(toJsonSchema(schema, { ...CONFIG, definitions: Object.fromEntries(others) }))];
  });
  return Object.fromEntries(named);
}

/** Without what belongs to a document of its own. */
function bare({ $schema: _dialect, $defs: _definitions, ...schema }: JsonSchema): JsonSchema {
  return schema;
}

const CONFIG: ConversionConfig = {
  target: "draft-2020-12",
  typeMode: "input",
  ignoreActions: UNSAYABLE,
  definitions,
  overrideRef: ({ referenceId }) => `#/components/schemas/${referenceId}`,
  // Labels are the one thing that valibot has no schema for; see LabelsMessage.
  overrideSchema: ({ valibotSchema }) =>
    valibotSchema.type === "custom" ? { type: "object", additionalProperties: { type: "string" } } : undefined,
};
