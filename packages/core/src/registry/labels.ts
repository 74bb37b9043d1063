import { isPrometheusLabelName } from "../prometheus-label.ts";
import { labelRecord } from "../target-group.ts";
import { invalidArgument } from "./invalid-argument.ts";

/** Labels of a server or service: one value for each name. */
export type Labels = Readonly<Record<string, string>>;

const MAX_LABELS = 100;
const MAX_NAME_LENGTH = 255;
const MAX_VALUE_BYTES = 1024;
const CONTROL = /\p{Cc}/u;
const encoder = new TextEncoder();

/**
 * The labels with their names in byte order, `__proto__` a name like any other. Throws `invalid_argument` naming the label
 * unless there are at most 100, the names are Prometheus label names of at most 255 characters, and the values are 1 to
 * 1,024 bytes of UTF-8 without control characters.
 */
export function checkLabels(labels: Labels): Labels {
  const pairs = Object.entries(labels);
  if (pairs.length > MAX_LABELS) {
    throw invalidArgument("labels", pairs.length, `at most ${MAX_LABELS}`);
  }
  for (const [name, value] of pairs) checkLabel(name, value);
  return labelRecord(pairs);
}

/** Whether a value read from JSON has the shape of labels; what they hold is for `checkLabels`. */
export function isLabels(value: unknown): value is Labels {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((one) => typeof one === "string");
}

function checkLabel(name: string, value: string): void {
  if (!isPrometheusLabelName(name) || name.length > MAX_NAME_LENGTH) {
    throw invalidArgument(
      "label name",
      name,
      `a letter or "_", then letters, digits or "_", at most ${MAX_NAME_LENGTH}`,
    );
  }
  const isShort = value.length <= MAX_VALUE_BYTES && encoder.encode(value).length <= MAX_VALUE_BYTES;
  if (value !== "" && isShort && !CONTROL.test(value) && value.isWellFormed()) return;
  throw invalidArgument(
    `value of label ${name}`,
    value,
    `1 to ${MAX_VALUE_BYTES} bytes of UTF-8 without control characters`,
  );
}
