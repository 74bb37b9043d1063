import { toError } from "../error.ts";
import type { AuditFacts } from "./audit-entry.ts";
import type { Backup } from "./backup.ts";
import type { Change } from "./change.ts";
import { inParallel } from "./in-parallel.ts";
import { namespaceFormat } from "./namespace.ts";
import { decodeRecord, encodeRecord, type RecordFormat } from "./record-format.ts";
import { readEntry } from "./record-writer.ts";
import { checkLive, type RegistryContext } from "./registry-context.ts";
import { serverFormat } from "./server.ts";
import { serviceFormat } from "./service.ts";

export interface RestoreOptions {
  /** Also remove what is not in the backup. Default: false. */
  readonly removeOthers?: boolean;
}

/** What restoring a backup does, or did. */
export interface RestorePlan {
  /** Keys to write, in the order in which they have to be: what others stand on first. */
  readonly put: readonly string[];
  /** Keys that are as in the backup. */
  readonly same: number;
  /** Keys to remove, services first. */
  readonly remove: readonly string[];
}

/** Keys written at a time. */
const PARALLEL = 32;

/** One kind of record: what the backup has of it. Servers and namespaces come before services. */
interface Part<Content extends object> {
  readonly format: RecordFormat<Content>;
  readonly records: readonly Content[];
}

type Step = (context: RegistryContext) => Promise<unknown>;

interface Steps {
  readonly plan: RestorePlan;
  readonly puts: readonly (readonly Step[])[];
  readonly removals: readonly (readonly Step[])[];
}

/** What restoring would do, without doing it. Throws `revision_conflict` where it could not be done. */
export function planRestore(context: RegistryContext, backup: Backup, options: RestoreOptions = {}): RestorePlan {
  return stepsOf(context, backup, options).plan;
}

/**
 * Puts a backup back, key by key, each compare-and-set: readers see the change grow, and one that is cut off can be done again.
 * Values that this daemon cannot read stay as they are, and where the backup has their key, it fails with `revision_conflict`
 * before anything is written.
 */
export async function restoreBackup(
  context: RegistryContext,
  backup: Backup,
  options: RestoreOptions & { readonly change: Change },
): Promise<RestorePlan> {
  checkLive(context);
  const { plan, puts, removals } = stepsOf(context, backup, options);
  let done = 0;
  try {
    for (const steps of [...puts, ...removals]) {
      await inParallel(steps, PARALLEL, async (step) => {
        await step(context);
        done += 1;
      });
    }
  } catch (error) {
    const all = plan.put.length + plan.remove.length;
    const detail = `${done} of ${all} records written or removed, then: ${toError(error).message}`;
    if (done > 0) record(context, options.change, { action: "restore cut off", detail });
    throw error;
  }
  const detail = `${plan.put.length} records written, ${plan.remove.length} removed`;
  record(context, options.change, { action: "restored", detail });
  return plan;
}

function record({ audit }: RegistryContext, change: Change, told: Pick<AuditFacts, "action" | "detail">): void {
  const { actor, reason, origin } = change;
  audit?.record({
    ...told,
    kind: "registry",
    name: "registry",
    actor,
    ...(reason === undefined ? {} : { reason }),
    ...(origin === undefined ? {} : { origin }),
  });
}

function stepsOf(context: RegistryContext, backup: Backup, { removeOthers = false }: RestoreOptions): Steps {
  const parts = [
    partSteps(context, { format: namespaceFormat, records: backup.namespaces }),
    partSteps(context, { format: serverFormat, records: backup.servers }),
    partSteps(context, { format: serviceFormat, records: backup.services }),
  ];
  const removing = removeOthers ? parts.toReversed() : [];
  return {
    plan: {
      put: parts.flatMap(({ put }) => put.map(({ key }) => key)),
      same: parts.reduce((sum, { same }) => sum + same, 0),
      remove: removing.flatMap(({ remove }) => remove.map(({ key }) => key)),
    },
    puts: parts.map(({ put }) => put.map(({ step }) => step)),
    removals: removing.map(({ remove }) => remove.map(({ step }) => step)),
  };
}

interface KeyedStep {
  readonly key: string;
  readonly step: Step;
}

function partSteps<Content extends object>(
  { replica }: RegistryContext,
  { format, records }: Part<Content>,
): { readonly put: readonly KeyedStep[]; readonly remove: readonly KeyedStep[]; readonly same: number } {
  const byKey = new Map(records.map((record) => [format.key(record), record]));
  const changed = [...byKey].filter(([key, record]) => replica.entries.get(key)?.value !== encodeRecord(record));
  for (const [key] of changed) {
    const entry = replica.entries.get(key);
    if (entry !== undefined) readEntry(format, key, entry);
  }
  const others = [...replica.entries].filter(([key]) => key.startsWith(format.prefix) && !byKey.has(key));
  const readable = others.filter(([key, { value }]) => "record" in decodeRecord(format, key, value));
  return {
    put: changed.map(([key, record]) => ({ key, step: ({ writer }) => writer.put(format, key, () => record) })),
    remove: readable.map(([key]) => ({ key, step: ({ writer }) => writer.remove(format, key) })),
    same: byKey.size - changed.length,
  };
}
