import { hostLabelProblem } from "@org/discovery-core";

/** Labels and where they come from, named as an operator would look for it: `the environment` or a path. */
export interface LabelSource {
  readonly name: string;
  readonly labels: readonly string[];
  /** Whether it could be read at all; `labels` is empty otherwise, which then says nothing. */
  readonly readable: boolean;
  /** What had to be left out, each with its place; the same text as long as the fault is the same. */
  readonly faults: readonly string[];
}

/** Stands for bytes that are not UTF-8; no label holds it on purpose. */
const REPLACEMENT = "\uFFFD";

/**
 * A source whose text has one label per line; blank lines and surrounding white space are ignored (lobby's format). A line that is no label is left out
 * and named among the faults.
 */
export function labelSource(name: string, text: string): LabelSource {
  const labels: string[] = [];
  const faults: string[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    const label = line.trim();
    if (label === "") continue;
    const problem = label.includes(REPLACEMENT) ? "is not UTF-8" : hostLabelProblem(label);
    if (problem === undefined) labels.push(label);
    else faults.push(`${name}, line ${index + 1}: the label ${problem}`);
  }
  return { name, labels, readable: true, faults };
}

/** A file or folder that is there, and can't be read. */
export function unreadableSource(name: string, why: string): LabelSource {
  return { name, labels: [], readable: false, faults: [`${name}: ${why}`] };
}
