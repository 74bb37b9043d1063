import * as v from "valibot";
import { isDiscoveryError } from "../error.ts";

/** How one kind of record is kept in the store. */
export interface RecordFormat<Record extends object> {
  /** What it is called in messages. */
  readonly kind: string;
  /** First part of its keys, with the slash. */
  readonly prefix: string;
  /** The members beside `v`. Strict: whoever adds one also raises the version, so that no older daemon drops it. */
  readonly schema: v.GenericSchema<unknown, Record>;
  /** The key at which a record belongs. */
  key(record: Record): string;
  /** Throws `invalid_argument` where the content is not what a daemon would have written. */
  check(record: Record): void;
}

/** A value of the store that this daemon cannot use. It is left as it is, and never written over. */
export interface Problem {
  readonly key: string;
  readonly reason: string;
}

/** A value of the store, read. */
export type Decoded<Record> = { readonly record: Record } | { readonly problem: Problem };

/** The version that is written, and the newest that can be read. */
const VERSION = 1;
const VersionSchema = v.looseObject({ v: v.pipe(v.number(), v.safeInteger(), v.minValue(1)) });

/** A record as the store keeps it: JSON with its schema version first. */
export function encodeRecord(record: object): string {
  return JSON.stringify({ v: VERSION, ...record });
}

/** Reads the value at a key. Never throws. */
export function decodeRecord<Record extends object>(
  format: RecordFormat<Record>,
  key: string,
  value: string,
): Decoded<Record> {
  const problem = (reason: string): Decoded<Record> => ({ problem: { key, reason } });
  const json = parseJson(value);
  const version = v.safeParse(VersionSchema, json);
  if (!version.success) return problem("expected a JSON object with a version v");
  const { v: found, ...members } = version.output;
  if (found > VERSION) return problem(`version ${found} is newer than ${VERSION}, the newest that this daemon knows`);
  const parsed = v.safeParse(format.schema, members);
  if (!parsed.success) return problem(`is no ${format.kind}: ${describe(parsed.issues[0])}`);
  try {
    format.check(parsed.output);
  } catch (error) {
    if (isDiscoveryError(error)) return problem(`is no ${format.kind}: ${error.message}`);
    throw error;
  }
  const home = format.key(parsed.output);
  return home === key ? { record: parsed.output } : problem(`its content belongs at ${home}`);
}

function describe(issue: v.BaseIssue<unknown>): string {
  const path = v.getDotPath(issue) ?? "value";
  return `${path}: expected ${issue.expected ?? "another value"}, got ${issue.received}`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
