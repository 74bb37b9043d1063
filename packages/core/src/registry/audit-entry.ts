import * as v from "valibot";
import { DiscoveryError } from "../error.ts";
import type { RecordFormat } from "./record-format.ts";
import { TimeSchema } from "./record-schema.ts";

const RecordSchema = v.custom<object>(
  (value) => typeof value === "object" && value !== null && !Array.isArray(value),
  "object",
);

const AuditEntrySchema = v.strictObject({
  /** Sorts by time; of one millisecond and daemon as they were recorded. */
  id: v.pipe(v.string(), v.regex(/^[0-9a-z]{9}-[\w-]{11}$/)),
  /** Unix milliseconds, by the clock of the daemon that made the change. */
  at: TimeSchema,
  /** What was done, for example `registered`, `changed`, `unregistered`, `drained`, `lease expired`. */
  action: v.string(),
  /** What it was done to, for example `service`. */
  kind: v.string(),
  name: v.string(),
  /** Of a service. */
  namespace: v.exactOptional(v.string()),
  /** Of a service. */
  endpoint: v.exactOptional(v.string()),
  actor: v.string(),
  reason: v.exactOptional(v.string()),
  origin: v.exactOptional(v.string()),
  /** More about it, for people. */
  detail: v.exactOptional(v.string()),
  /** The record as it was. */
  before: v.exactOptional(RecordSchema),
  /** The record as it is now. */
  after: v.exactOptional(RecordSchema),
});

/** Who changed what, when, from where and why. */
export type AuditEntry = Readonly<v.InferOutput<typeof AuditEntrySchema>>;

/** An entry before it gets its id and time. */
export type AuditFacts = Omit<AuditEntry, "id" | "at">;

/** Keys `audit/<id>`. */
export const auditFormat: RecordFormat<AuditEntry> = {
  kind: "audit entry",
  prefix: "audit/",
  schema: AuditEntrySchema,
  key: ({ id }) => `audit/${id}`,
  check: ({ id, at }) => {
    if (id.startsWith(auditTime(at))) return;
    throw new DiscoveryError("invalid_argument", `id ${id}: expected one that begins with ${auditTime(at)}, its time`);
  },
};

/** The part of an id that stands for its time: nine characters until the year 5188, which sort as the time does. */
export function auditTime(at: number): string {
  return at.toString(36).padStart(9, "0");
}
