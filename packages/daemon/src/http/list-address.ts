/**
 * The name of a target list in the ledger and the cache: its path, and the parameters that make a difference, as far as they have a
 * value. Equal for two requests that are answered with the same list.
 */
export function listAddress(path: string, parameters: Readonly<Record<string, string | number | undefined>>): string {
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined && value !== "");
  return given.length === 0 ? path : `${path}?${given.map(([name, value]) => `${name}=${value}`).join("&")}`;
}
