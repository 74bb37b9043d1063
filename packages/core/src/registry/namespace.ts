import * as v from "valibot";
import { parseExportConfig, type ExportConfig } from "./export-config.ts";
import type { RecordFormat } from "./record-format.ts";
import { TimeSchema } from "./record-schema.ts";
import { checkName } from "./registry-name.ts";

/** A named group of services with one export config. */
export interface Namespace {
  readonly name: string;
  readonly export: ExportConfig;
  /** Unix milliseconds of the last registration; 0 for the default namespace where nobody registered it. */
  readonly modified: number;
}

/** What somebody says when registering a namespace. */
export interface NamespaceInput {
  readonly name: string;
  /** Default: `standard`. */
  readonly export?: ExportConfig;
}

/** Exists always, stored or not. */
export const DEFAULT_NAMESPACE: Namespace = { name: "default", export: "standard", modified: 0 };

/** A namespace from what was asked for. Throws `invalid_argument`. */
export function makeNamespace(input: NamespaceInput, modified: number): Namespace {
  checkName("namespace", input.name);
  return { name: input.name, export: parseExportConfig(input.export ?? "standard"), modified };
}

/** Keys `namespace/<name>`. */
export const namespaceFormat: RecordFormat<Namespace> = {
  kind: "namespace",
  prefix: "namespace/",
  schema: v.strictObject({
    name: v.string(),
    export: v.picklist(["disabled", "standard", "blackbox"]),
    modified: TimeSchema,
  }),
  key: ({ name }) => `namespace/${name}`,
  check: (namespace) => void makeNamespace(namespace, namespace.modified),
};
