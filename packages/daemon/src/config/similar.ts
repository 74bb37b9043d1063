const MAX_LENGTH = 64;

/**
 * ` (did you mean …?)` for the nearest of the known words, or nothing where none is near. The longer a word, the more of
 * it may be wrong; a prefix that all have doesn't make it longer.
 */
export function didYouMean(word: string, known: Iterable<string>, prefix = ""): string {
  if (word.length > MAX_LENGTH) return "";
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor((word.length - prefix.length) / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(word, candidate);
    if (distance >= bestDistance) continue;
    best = candidate;
    bestDistance = distance;
  }
  return best === undefined ? "" : ` (did you mean ${best}?)`;
}

/** Levenshtein distance: how many characters to insert, remove or replace. */
export function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
