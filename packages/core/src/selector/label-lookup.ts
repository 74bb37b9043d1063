/**
 * How a selector asks for labels: all values of a key; `undefined` or none at all where the key is absent.
 * A host may carry one key several times (`service:smtp`, `service:imap`).
 */
export type LabelLookup = (key: string) => readonly string[] | undefined;

/** A lookup in labels that have one value per key. Only the record's own members count, so `__proto__` is a key like any other. */
export function recordLookup(labels: Readonly<Record<string, string>>): LabelLookup {
  return (key) => {
    const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
    return value === undefined ? undefined : [value];
  };
}
