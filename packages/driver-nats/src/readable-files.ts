import { DiscoveryError, toError } from "@org/discovery-core";
import { readFileSync } from "node:fs";
import type { NatsOptions } from "./options.ts";

const EXPECTED = {
  nkeyFile: "a file with the seed of an nkey",
  credentialsFile: "a credentials file",
  tlsCa: "a PEM file",
  tlsCert: "a PEM file",
  tlsKey: "a PEM file",
} as const;

type FileOption = keyof typeof EXPECTED;

/**
 * Sees that the files can be read. They are read anew for each connection, so one that goes, or holds the wrong thing, may be put
 * right later; one that is not there at the start is most likely named wrongly.
 *
 * @throws DiscoveryError `invalid_argument`, with a line for each file that can't be read.
 */
export function checkFiles(options: NatsOptions): void {
  const problems = (Object.keys(EXPECTED) as FileOption[]).flatMap((option) => problemOf(option, options[option]));
  if (problems.length > 0) throw new DiscoveryError("invalid_argument", problems.join("\n"));
}

function problemOf(option: FileOption, file: string | undefined): readonly string[] {
  if (file === undefined) return [];
  try {
    readFileSync(file);
    return [];
  } catch (error) {
    // What Node says after the comma is the name of the file again.
    const [reason = ""] = toError(error).message.split(", ");
    return [`${option}: expected ${EXPECTED[option]}, got ${JSON.stringify(file)}: ${reason}`];
  }
}
