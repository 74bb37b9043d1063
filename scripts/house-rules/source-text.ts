import { readText, sourceFiles } from "../workspace.ts";
import type { HouseRule, Violation } from "./rule.ts";

const VAGUE_NAMES = /\/(?:utils?|helpers?|types|common|misc|shared|constants)\.ts$/;
// Written so that they do not match themselves.
const ESCAPE = /(?:es|ox)lint-disable|@ts-(?:ignore|expect-error|nocheck)/;
const UNFINISHED = /\b(?:TO[D]O|FIX[M]E)\b/;

/** Files are named for the one concept that they hold. */
export const fileNames: HouseRule = () =>
  sourceFiles().flatMap((file) => {
    if (VAGUE_NAMES.test(file)) return [`${file}: name the file for the one concept in it, not for a drawer`];
    if (/\/src\/.*\.test\.ts$/.test(file)) return [`${file}: tests sit in test/, mirroring src/`];
    return [];
  });

/** No check is switched off in a file; nothing is left for later. */
export const noEscapes: HouseRule = () =>
  eachLine((line) => {
    if (ESCAPE.test(line)) {
      return "a check is switched off; fix the cause, or change the rule for everybody in .oxlintrc.json";
    }
    if (UNFINISHED.test(line)) return "a note for later; do it now, or write an issue";
    return undefined;
  });

/** Modules keep no state of their own: what changes lives in an object that somebody created. */
export const noModuleState: HouseRule = () =>
  eachLine((line, file) =>
    /^(?:export )?let /.test(line) && /^packages\/[^/]+\/src\//.test(file)
      ? "module-level mutable state; keep it in a class or a closure"
      : undefined,
  );

function eachLine(judge: (line: string, file: string) => string | undefined): Violation[] {
  return sourceFiles().flatMap((file) =>
    (readText(file) ?? "").split("\n").flatMap((line, index) => {
      const complaint = judge(line, file);
      return complaint === undefined ? [] : [`${file}:${index + 1}: ${complaint}`];
    }),
  );
}
