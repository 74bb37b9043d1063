const MASK = "****";
/** A shorter secret is found in every other word. */
const MIN_LENGTH = 4;

/** A function that masks every occurrence of the secrets in a line of JSON: as they are, escaped for JSON, or for a URL. */
export function secretMask(secrets: readonly string[]): (line: string) => string {
  const forms = secrets.filter((secret) => secret.length >= MIN_LENGTH).flatMap(formsOf);
  // The longest first, so that none is torn apart by another that is a part of it.
  const ordered = [...new Set(forms)].toSorted((a, b) => b.length - a.length);
  return (line) => ordered.reduce((masked, form) => masked.replaceAll(form, MASK), line);
}

function formsOf(secret: string): readonly string[] {
  return [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret.toWellFormed())];
}
