import { compareBytes } from "./byte-order.ts";

/**
 * What Prometheus reads over http_sd and file_sd. These two members are all it takes: one more, or one label name that is
 * not legal, and it refuses the whole answer.
 */
export interface TargetGroup {
  readonly targets: readonly string[];
  /** Names in byte order. */
  readonly labels: Readonly<Record<string, string>>;
}

/** Something of a host that could not be rendered, and was left out of the answer so that the rest of it stands. */
export interface Omission {
  readonly hostname: string;
  /** The host label at fault; `undefined` where the hostname itself is, and so no target was rendered for it. */
  readonly label: string | undefined;
  readonly reason: string;
}

/** Target groups made from hosts, with what had to be left out, for the daemon to warn about. */
export interface HostTargetGroups {
  /** At most one per host, in a stable order. */
  readonly groups: readonly TargetGroup[];
  readonly omissions: readonly Omission[];
}

/** Label pairs as a record with its names in byte order. `__proto__`, a legal label name, becomes a member like any other. */
export function labelRecord(pairs: Iterable<readonly [name: string, value: string]>): Record<string, string> {
  return Object.fromEntries([...pairs].toSorted(([left], [right]) => compareBytes(left, right)));
}

/** Orders groups by their targets, then their labels, so that the same groups are the same bytes in whatever order they came. */
export function sortTargetGroups(groups: Iterable<TargetGroup>): TargetGroup[] {
  const keyed = Array.from(groups, (group) => ({ group, key: JSON.stringify([group.targets, group.labels]) }));
  return keyed.toSorted((left, right) => compareBytes(left.key, right.key)).map(({ group }) => group);
}
