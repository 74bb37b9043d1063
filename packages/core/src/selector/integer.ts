/** `0*` and the digits after it overlap by at most 19 characters, so this stays linear on any text. */
const INTEGER = /^([+-]?)0*([0-9]{1,19})$/;

/**
 * A signed 64-bit decimal integer, optional sign and leading zeros, as Go's `strconv.ParseInt(text, 10, 64)` reads it;
 * `undefined` for anything else. Kubernetes compares `>` and `<` in these.
 */
export function parseInteger(text: string): bigint | undefined {
  const match = INTEGER.exec(text);
  if (match === null) return undefined;
  const magnitude = BigInt(match[2] ?? "");
  const value = match[1] === "-" ? -magnitude : magnitude;
  return BigInt.asIntN(64, value) === value ? value : undefined;
}
