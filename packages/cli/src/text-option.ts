/**
 * The value of an option as it was typed; `undefined` where it isn't there. The last one counts. cac makes numbers of what looks
 * like one, so that a token of digits would lose its zeros.
 */
export function textOption(argv: readonly string[], name: string): string | undefined {
  const flag = name.length === 1 ? `-${name}` : `--${name}`;
  const end = argv.indexOf("--");
  const words = end < 0 ? argv : argv.slice(0, end);
  const at = words.findLastIndex((word) => word === flag || word.startsWith(`${flag}=`));
  if (at < 0) return undefined;
  const word = words[at] ?? "";
  return word === flag ? words[at + 1] : word.slice(flag.length + 1);
}
