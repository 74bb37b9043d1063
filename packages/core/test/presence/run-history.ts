import { expect } from "vitest";
import { HISTORY_TTL_MS, type History } from "./history.ts";
import { HistoryWorld } from "./history-world.ts";
import { type Machine, NOTICE_MS, TWO_KEEP_ALIVES_MS } from "./machine.ts";

/**
 * Lets a history happen, heals the network, and checks what the protocol promises. During the history (see `Witness` and
 * `HistoryWorld`): nobody is let go who was heard within the TTL, whatever the backend does; no dead machine is listed for
 * longer than a TTL after the last of its messages arrived. Afterwards, in this order:
 *
 * 1. Two keep-alives after healing, though late messages still arrive: every live host is listed everywhere, with its
 *    labels, and no late message changes that from then on. Two exceptions, where the protocol cannot know better:
 *    - An original daemon's packets carry no order. A late one of its own can undo a newer one until its next keep-alive, so
 *      for it this holds once nothing of it is on its way any more.
 *    - A machine that restarts with its wall clock set back may announce a smaller incarnation than before, if none of its
 *      questions is answered. It is listed, but with the labels of its last start until that one's TTL is over.
 * 2. A TTL after the last late message: everybody lists exactly the live hosts, with their labels, and has one digest.
 * 3. For another TTL: nothing changes, and nobody is taken for two machines.
 */
export async function runHistory({ seed, networks, steps }: History): Promise<void> {
  const world = new HistoryWorld({ seed, networks });
  for (const step of steps) await world.apply(step);
  world.heal();
  await world.clock.advance(TWO_KEEP_ALIVES_MS);
  expectLiveListed(world);
  const forbidden = forbidChanges(world, (machine) => isSettled(world, machine));
  const quietAt = Math.max(world.clock.monotonic(), world.lastArrival);
  await world.clock.advance(quietAt - world.clock.monotonic() + HISTORY_TTL_MS + NOTICE_MS);
  expectConverged(world);
  const flaps = forbidChanges(world, () => true);
  const duplicates = world.ours.map(({ ours }) => ours!.observer.duplicates.length);
  await world.clock.advance(HISTORY_TTL_MS + NOTICE_MS);
  expectConverged(world);
  expect({ forbidden, flaps, findings: world.witness.findings }).toEqual({ forbidden: [], flaps: [], findings: [] });
  expect(world.ours.map(({ ours }) => ours!.observer.duplicates.length)).toEqual(duplicates);
  await world.close();
  await world.clock.advance(LAST_FLIGHT_MS);
  expect(world.clock.pending).toBe(0);
}

/** What was sent at the very end is still on its way for this long. */
const LAST_FLIGHT_MS = 2;

/** Whether nothing that is still on its way may change how this machine is listed. */
function isSettled(world: HistoryWorld, machine: Machine): boolean {
  if (machine.ours !== undefined) return world.outranksItself(machine);
  return world.lastArrivalFrom(machine) <= world.clock.monotonic() - TWO_KEEP_ALIVES_MS;
}

function expectLiveListed(world: HistoryWorld): void {
  for (const { ours } of world.ours) {
    for (const machine of world.machines) {
      const { hostname, labels } = machine.local;
      const listed = [ours!.local.hostname, hostname, ours!.labelsOf(hostname)];
      if (isSettled(world, machine)) expect(listed).toEqual([ours!.local.hostname, hostname, labels]);
      else if (machine.ours !== undefined) expect(listed[2]).toBeDefined();
    }
  }
}

function expectConverged(world: HistoryWorld): void {
  const live = world.machines.map(({ local }) => [local.hostname, local.labels]);
  live.sort(([left = ""], [right = ""]) => (left < right ? -1 : 1));
  const lists = world.ours.map(({ ours }) => ours!.presence.hosts().map(({ hostname, labels }) => [hostname, labels]));
  for (const list of lists) expect(list).toEqual(live);
  expect(new Set(world.ours.map(({ ours }) => ours!.presence.digest())).size).toBeLessThanOrEqual(1);
}

/** Collects the changes of live hosts from now on. */
function forbidChanges(world: HistoryWorld, isForbidden: (machine: Machine) => boolean): string[] {
  const changes: string[] = [];
  const names = new Set(world.machines.filter(isForbidden).map(({ local }) => local.hostname));
  for (const { ours } of world.ours) {
    ours!.presence.onChange(({ hostname, reason }) => {
      if (!names.has(hostname)) return;
      changes.push(`at ${world.clock.monotonic()} ms ${ours!.local.hostname} saw ${hostname} ${reason}`);
    });
  }
  return changes;
}
