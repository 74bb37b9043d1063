/** What the lines say, or the number of the first line that is another kind of YAML. */
export type BackupLines = { readonly document: unknown } | { readonly strangeLine: number };

const HEAD = /^([a-z]+):(?: (discovery-backup|\d{1,15}|\[\]))?$/;
const RECORD = "  - ";

/**
 * Reads a backup as `backupYaml` writes it: its lines one by one, each record as the JSON that it is. A parser of the whole of YAML
 * takes a thousand times as long. Empty lines and those that are a comment may stand between them.
 */
export function readBackupLines(text: string): BackupLines {
  const members = new Map<string, unknown>();
  let records: unknown[] | undefined;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === "" || line.startsWith("#")) continue;
    const record = records !== undefined && line.startsWith(RECORD) ? jsonOf(line.slice(RECORD.length)) : undefined;
    if (record !== undefined) {
      records?.push(record);
      continue;
    }
    const [, name, value] = HEAD.exec(line) ?? [];
    if (name === undefined || members.has(name)) return { strangeLine: index + 1 };
    records = value === undefined ? [] : undefined;
    members.set(name, records ?? valueOf(value));
  }
  return { document: Object.fromEntries(members) };
}

function valueOf(text: string | undefined): unknown {
  if (text === "discovery-backup") return text;
  return text === "[]" ? [] : Number(text);
}

/** The object in a text; `undefined` where it is none. */
function jsonOf(text: string): object | undefined {
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === "object" && json !== null ? json : undefined;
  } catch {
    return undefined;
  }
}
