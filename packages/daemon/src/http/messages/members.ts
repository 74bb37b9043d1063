import type { Labels } from "@org/discovery-core";
import * as v from "valibot";

const NAME = /^[a-zA-Z0-9_-]{1,255}$/;

/** RFC 3339, in UTC. */
export const Timestamp = v.pipe(v.string(), v.isoTimestamp(), v.description("RFC 3339, in UTC."));

/** Unix milliseconds as a `Timestamp`. */
export function timestamp(ms: number): string {
  return new Date(ms).toISOString();
}

/** The name of a namespace. */
export const NamespaceName = v.pipe(
  v.string(),
  v.regex(NAME, 'expected 1 to 255 letters, digits, "_" or "-"'),
  v.description("Name of a namespace."),
);

/** Labels by name. Not `v.record`, which drops `__proto__` and `constructor`, both legal names. */
export const LabelsMessage = v.pipe(
  v.custom<Labels>(isObject, "expected an object of label names and values"),
  v.rawCheck<Labels>(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    for (const [key, value] of Object.entries<unknown>(dataset.value)) {
      if (typeof value === "string") continue;
      const input = dataset.value;
      addIssue({
        message: "expected text",
        input: value,
        path: [{ type: "object", origin: "value", input, key, value }],
      });
    }
  }),
);

/** A member of what is read that is left aside when it is sent back. */
export const ReadOnly = v.optional(
  v.pipe(v.unknown(), v.description("Ignored here, so that what was read can be sent back.")),
);

const ReasonText = v.pipe(v.string(), v.description("Why, for the history. At most 1,024 characters."));

/** Why a change is made, as a member of a body. */
export const Reason = v.nullish(ReasonText);

/** Why a change is made, as parameters of a query. */
export const ReasonQuery = v.object({ reason: v.optional(ReasonText) });

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The members that have a value; an empty text or `null` is none, as in the JSON of protocol buffers. */
export function givenMembers<Members extends object>(
  members: Members,
): { [Name in keyof Members]?: Exclude<Members[Name], undefined | null> } {
  const given = Object.entries(members).filter(([, value]) => value !== undefined && value !== null && value !== "");
  return Object.fromEntries(given) as { [Name in keyof Members]?: Exclude<Members[Name], undefined | null> };
}
