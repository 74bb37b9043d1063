import { createHash } from "node:crypto";

/** Credentials in URLs: another password does not make it another backend. */
const CREDENTIALS = /\/\/[^/@\s"]*@/g;

/**
 * Stands for the place where a driver keeps the registry, so that what was saved of one backend is not taken for another's.
 * A digest, for the options may hold secrets.
 *
 * @param locating names of the options that say which backend it is; `undefined`: all may.
 */
export function placeOf(
  name: string,
  options: Readonly<Record<string, unknown>>,
  locating: readonly string[] = Object.keys(options).toSorted(),
): string {
  const text = JSON.stringify(locating.map((option) => [option, options[option] ?? null])).replace(CREDENTIALS, "//");
  return `${name} ${createHash("sha256").update(text).digest("base64url").slice(0, 22)}`;
}
