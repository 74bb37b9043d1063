import {
  DiscoveryError,
  exportConfigNumber,
  isDiscoveryError,
  parseExportConfig,
  type ExportConfig,
  type Namespace,
} from "@org/discovery-core";
import * as v from "valibot";
import { ReadOnly, Reason, Timestamp, timestamp } from "./members.ts";

/** A namespace in the original's JSON. */
export const NamespaceMessage = v.object({
  name: v.string(),
  export: v.pipe(v.picklist([0, 1, 2]), v.description("0 disabled, 1 standard, 2 blackbox.")),
  modified: Timestamp,
});

/** A namespace as the API shows it. */
export function namespaceMessage(namespace: Namespace): v.InferOutput<typeof NamespaceMessage> {
  const number = exportConfigNumber(namespace.export) as 0 | 1 | 2;
  return { name: namespace.name, export: number, modified: timestamp(namespace.modified) };
}

const ExportMessage = v.pipe(
  v.union([v.number(), v.string()], "expected 0, 1, 2, or a word for it"),
  v.description("disabled (0), standard (1) or blackbox (2); the word or the number. Default: standard."),
);

export const RegisterNamespaceRequest = v.strictObject({
  name: v.pipe(v.string(), v.description('1 to 255 letters, digits, "_" or "-".')),
  export: v.nullish(ExportMessage),
  reason: Reason,
  modified: ReadOnly,
});

/**
 * Reads an export config that is given as a word, a number or a digit.
 *
 * @param where names the place in the error.
 * @throws DiscoveryError `invalid_argument` for what is none.
 */
export function readExport(where: string, given: string | number | null | undefined): ExportConfig | undefined {
  if (given === undefined || given === null || given === "") return undefined;
  try {
    return parseExportConfig(typeof given === "string" && /^\d$/.test(given) ? Number(given) : given);
  } catch (error) {
    if (!isDiscoveryError(error, "invalid_argument")) throw error;
    throw new DiscoveryError("invalid_argument", `${where}: ${error.message}`, { cause: error });
  }
}
