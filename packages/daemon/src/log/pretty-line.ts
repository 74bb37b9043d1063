import { oneLine } from "../config/given.ts";

const COLOURS: Readonly<Record<string, string>> = { debug: "90", info: "32", warn: "33", error: "31" };

/** A JSON log line as a terminal shows it: time of day, level, message, then the fields. Its last character is a newline. */
export function prettyLine(line: string): string {
  const record = parse(line);
  if (record === undefined) return `${oneLine(line.trimEnd())}\n`;
  const { level, time, msg, err, ...fields } = record;
  const word = String(level);
  const head = `${timeOfDay(String(time))} ${colour(word)} ${oneLine(String(msg))}`;
  const pairs = Object.entries(fields).map(([name, value]) => ` ${oneLine(name)}=${oneLine(JSON.stringify(value))}`);
  return `${head}${pairs.join("")}${errorLines(err)}\n`;
}

function parse(line: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

function timeOfDay(time: string): string {
  const date = new Date(time);
  const parts = [date.getHours(), date.getMinutes(), date.getSeconds()];
  return `${parts.map((part) => String(part).padStart(2, "0")).join(":")}.${String(date.getMilliseconds()).padStart(3, "0")}`;
}

function colour(level: string): string {
  return `\u001B[${COLOURS[level] ?? "0"}m${level.toUpperCase().padEnd(5)}\u001B[0m`;
}

/** The error below its line: its stack where there is one, for that begins with the message. */
function errorLines(error: unknown): string {
  if (typeof error !== "object" || error === null) return "";
  const { stack, type, message, cause } = error as Record<string, unknown>;
  const text = typeof stack === "string" ? stack : `${String(type)}: ${String(message)}`;
  const lines = text.split("\n").map((line) => `\n    ${oneLine(line.trim())}`);
  return lines.join("") + errorLines(cause);
}
