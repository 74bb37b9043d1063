import { invalidArgument } from "./invalid-argument.ts";

const NAME = /^[a-zA-Z0-9_-]+$/;
const CONTROL = /\p{Cc}/u;
const MAX_LENGTH = 255;
const encoder = new TextEncoder();

/** Throws `invalid_argument` unless a service or namespace is called by 1 to 255 of the letters a-z, A-Z, digits, `_` and `-`. */
export function checkName(what: "service name" | "namespace", name: string): void {
  if (NAME.test(name) && name.length <= MAX_LENGTH) return;
  const expected = `1 to ${MAX_LENGTH} letters, digits, "_" or "-"`;
  throw invalidArgument(what, name, name.length > MAX_LENGTH ? `${expected}, got ${name.length} characters` : expected);
}

/**
 * Throws `invalid_argument` unless a server's name is 1 to 255 bytes of UTF-8 without control characters and slashes, and
 * neither `.` nor `..`: it is a segment of URLs and of the exporter's paths.
 */
export function checkServerName(name: string): void {
  const isPath = name.includes("/") || name.includes("\\") || name === "." || name === "..";
  const isShort = name.length <= MAX_LENGTH && encoder.encode(name).length <= MAX_LENGTH;
  if (name.trim() !== "" && isShort && !isPath && !CONTROL.test(name) && name.isWellFormed()) return;
  throw invalidArgument(
    "server name",
    name,
    `1 to ${MAX_LENGTH} bytes that are not blank, without slashes and control characters, and not "." or ".."`,
  );
}
