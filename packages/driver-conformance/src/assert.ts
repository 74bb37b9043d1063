import { isDiscoveryError, type ErrorCode } from "@org/discovery-core";

const MAX_SHOWN = 300;

/** Throws unless the condition holds. */
export function assertThat(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message);
}

/** Throws unless both have the same JSON form, whatever the order of members. */
export function assertSame(actual: unknown, expected: unknown, what: string): void {
  const [got, wanted] = [show(actual), show(expected)];
  if (got !== wanted) throw new Error(`${what}: expected ${clip(wanted)}, got ${clip(got)}`);
}

/** Throws unless the promise rejects with a `DiscoveryError` of that code. */
export async function assertFails(promise: Promise<unknown>, code: ErrorCode, what: string): Promise<void> {
  let outcome: string;
  try {
    outcome = `success with ${clip(show(await promise))}`;
  } catch (error) {
    if (isDiscoveryError(error, code)) return;
    outcome = isDiscoveryError(error) ? `${error.code}: ${error.message}` : String(error);
  }
  throw new Error(`${what}: expected failure ${code}, got ${outcome}`);
}

function show(value: unknown): string {
  return value === undefined ? "undefined" : JSON.stringify(value, sortedMembers);
}

/** A `JSON.stringify` replacer: the order of members says nothing. */
function sortedMembers(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([left], [right]) => (left < right ? -1 : 1)));
}

function clip(text: string): string {
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}… (${text.length} characters)` : text;
}
