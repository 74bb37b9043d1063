/** Where a registry lies in Redis. One hash tag around the prefix: a script may touch all of them in a cluster too. */
export interface Keys {
  readonly meta: string;
  readonly entries: string;
  readonly changes: string;
  /** The channel on which writers tell watchers. */
  readonly channel: string;
}

export function keysOf(prefix: string): Keys {
  const tagged = (name: string): string => `{${prefix}}:${name}`;
  return { meta: tagged("meta"), entries: tagged("entries"), changes: tagged("changes"), channel: tagged("written") };
}
