/** As much of JSON Schema as the document uses. */
export interface Schema {
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

/** Schemas with a name of their own. */
export type Named = Readonly<Record<string, Schema>>;

export function resolved(schema: Schema, named: Named): Schema {
  return schema.$ref === undefined ? schema : named[schema.$ref.split("/").at(-1)!]!;
}

/** Where a value is not what the schema says, or has more than that; empty where it is just so. */
export function mismatches(value: unknown, given: Schema, named: Named, at = "answer"): string[] {
  const schema = resolved(given, named);
  if (schema.anyOf !== undefined) {
    const each = schema.anyOf.map((one) => mismatches(value, one, named, at));
    return each.some((found) => found.length === 0) ? [] : each.flat();
  }
  if (schema.enum?.includes(value) === false) return [`${at}: is none of ${schema.enum.join(", ")}`];
  if ("const" in schema && schema.const !== value) return [`${at}: is not ${String(schema.const)}`];
  if (schema.type !== undefined && !isOf(schema.type, value)) return [`${at}: is no ${schema.type}`];
  if (Array.isArray(value)) {
    return value.flatMap((item, index) => mismatches(item, schema.items ?? {}, named, `${at}[${index}]`));
  }
  return typeof value === "object" && value !== null ? memberMismatches(value, schema, named, at) : [];
}

function memberMismatches(value: object, schema: Schema, named: Named, at: string): string[] {
  const { properties = {}, required = [], additionalProperties } = schema;
  const missing = required.filter((name) => !Object.hasOwn(value, name)).map((name) => `${at}: has no ${name}`);
  const wrong = Object.entries(value).flatMap(([name, member]: [string, unknown]) => {
    const known = Object.hasOwn(properties, name) ? properties[name] : additionalProperties;
    if (typeof known === "object") return mismatches(member, known, named, `${at}.${name}`);
    return Object.keys(properties).length === 0 ? [] : [`${at}: has a ${name} that is not told of`];
  });
  return [...missing, ...wrong];
}

function isOf(type: string, value: unknown): boolean {
  if (type === "array") return Array.isArray(value);
  if (type === "null") return value === null;
  if (type === "integer") return Number.isInteger(value);
  if (type === "object") return typeof value === "object" && value !== null && !Array.isArray(value);
  return typeof value === type;
}
