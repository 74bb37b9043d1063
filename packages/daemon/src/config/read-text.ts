import { readFileSync } from "node:fs";

/** What is in a file, or why that can't be said: a code of the system, or that it is no UTF-8. */
export type ReadText =
  | { readonly text: string; readonly problem?: undefined }
  | { readonly text?: undefined; readonly problem: string };

/**
 * Reads a file of UTF-8, without the byte order mark that some editors put before it. Anything else is a problem, and not guessed
 * at: a password with replacement characters would only be refused somewhere else. Never throws.
 */
export function readText(path: string): ReadText {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    return { problem: (error as NodeJS.ErrnoException).code ?? "unreadable" };
  }
  try {
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch {
    return { problem: "bytes that are not UTF-8" };
  }
}
