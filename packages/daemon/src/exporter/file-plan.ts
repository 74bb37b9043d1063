/** A list with no targets. Prometheus takes it, while it would keep the old targets for a file of 0 bytes. */
const NO_TARGETS = "[]";

/** One thing to do to a file. */
export interface FileStep {
  readonly file: string;
  /** Its new text; `undefined`: remove it. */
  readonly text: string | undefined;
}

/** How far a pass over the files may go. */
export interface PassKind {
  /** Also removes the files that are empty lists of no job. */
  readonly isResync: boolean;
  /** Whether it is certain that what is not wanted has to go. Otherwise files are only added and brought up to date. */
  readonly isSure: boolean;
}

/**
 * What is to be done so that the files say what they shall, in this order: first lists are added and changed, so that a target that
 * moves is never in none; then what no job has any more becomes `[]`, and goes at a resync after that.
 *
 * @param known text by file; `undefined` where it could not be read.
 */
export function planFiles(
  known: ReadonlyMap<string, string | undefined>,
  wanted: ReadonlyMap<string, string>,
  { isResync, isSure }: PassKind,
): FileStep[] {
  const steps: FileStep[] = [];
  for (const [file, text] of wanted) if (known.get(file) !== text) steps.push({ file, text });
  if (!isSure) return steps;
  for (const [file, text] of known) {
    if (wanted.has(file)) continue;
    if (text !== NO_TARGETS) steps.push({ file, text: NO_TARGETS });
    else if (isResync) steps.push({ file, text: undefined });
  }
  return steps;
}
