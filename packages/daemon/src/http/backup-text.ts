import { type Backup, DiscoveryError, parseBackup, toError } from "@org/discovery-core";
import { isScalar, parseDocument, visit } from "yaml";
import { readBackupLines } from "./backup-lines.ts";

/** Largest backup that is taken back as JSON, in bytes. Some 200,000 services. */
export const MAX_JSON_BYTES = 64 * 1024 * 1024;
/** Largest backup in YAML that is not as a daemon writes it, in bytes: it takes seconds to read, in which nobody is answered. */
export const MAX_YAML_BYTES = 1024 * 1024;

/** Legal in JSON, and not, or not everywhere, in the quoted text of YAML. */
const UNPRINTABLE = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;

/** A backup as YAML: one line for each record, so that two of them can be compared, in the flow style that is JSON as well. */
export function backupYaml({ format, v, created, namespaces, servers, services }: Backup): string {
  const lists = Object.entries({ namespaces, servers, services }).flatMap(([name, records]) =>
    records.length === 0 ? [`${name}: []`] : [`${name}:`, ...records.map((record) => `  - ${flow(record)}`)],
  );
  return [`format: ${format}`, `v: ${v}`, `created: ${created}`, ...lists, ""].join("\n");
}

/**
 * Reads a backup from JSON, where the text begins with a brace, or YAML.
 *
 * @throws DiscoveryError `invalid_argument` that names the place, for what could not be restored as a whole.
 */
export function parseBackupText(text: string): Backup {
  return parseBackup(text.trimStart().startsWith("{") ? parseJson(text) : parseYaml(text));
}

function flow(record: object): string {
  return JSON.stringify(record).replace(UNPRINTABLE, (character) => {
    const code = character.charCodeAt(0).toString(16);
    return `\\u${code.padStart(4, "0")}`;
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new DiscoveryError("invalid_argument", `backup: expected JSON: ${toError(error).message}`, { cause: error });
  }
}

function parseYaml(text: string): unknown {
  const lines = readBackupLines(text);
  if ("document" in lines) return lines.document;
  if (Buffer.byteLength(text) > MAX_YAML_BYTES) {
    const message = `backup, line ${lines.strangeLine}: expected a line as a daemon writes it; of other YAML at most ${MAX_YAML_BYTES} bytes are read, use JSON`;
    throw new DiscoveryError("invalid_argument", message);
  }
  try {
    // Looking for a key that is there twice takes the parser the square of their number.
    const document = parseDocument(text, { uniqueKeys: false, logLevel: "error" });
    const [error] = document.errors;
    if (error !== undefined) throw error;
    checkKeys(document);
    // Aliases are how a small document becomes a huge one, and no backup has any.
    return document.toJS({ maxAliasCount: 0 }) as unknown;
  } catch (error) {
    const [message = ""] = toError(error).message.split("\n");
    throw new DiscoveryError("invalid_argument", `backup: expected YAML or JSON: ${message}`, { cause: error });
  }
}

/** One of two would be lost without a word. */
function checkKeys(document: ReturnType<typeof parseDocument>): void {
  visit(document, {
    Map: (_, map) => {
      const keys = new Set<string>();
      for (const { key } of map.items) {
        const name = isScalar(key) ? String(key.value) : "";
        if (keys.has(name)) throw new Error(`key ${JSON.stringify(name.slice(0, 100))} is there twice`);
        keys.add(name);
      }
    },
  });
}
