import type { AuditFacts } from "./audit-entry.ts";
import type { Audit } from "./audit.ts";
import type { Change } from "./change.ts";
import type { Namespace } from "./namespace.ts";
import type { Server } from "./server.ts";
import type { Service } from "./service.ts";

type Subject = Namespace | Server | Service;

/** A change that was made. */
export interface MadeChange {
  readonly kind: "namespace" | "server" | "service";
  /** Absent: it was not there before. */
  readonly before?: Subject | undefined;
  /** Absent: it is gone. */
  readonly after?: Subject | undefined;
  readonly change: Change;
  /** Default: `registered`, `changed` or `unregistered`, by what was and is there. */
  readonly action?: string;
  readonly detail?: string;
}

/** Records a change, unless it changed nothing but the time of the last registration. */
export function auditChange(audit: Audit | undefined, made: MadeChange): void {
  const { kind, before, after, change, detail } = made;
  const subject = after ?? before;
  if (audit === undefined || subject === undefined || isSame(before, after)) return;
  audit.record({
    action: made.action ?? actionOf(made),
    kind,
    name: subject.name,
    ...place(subject),
    actor: change.actor,
    ...defined({ reason: change.reason, origin: change.origin, detail }),
    ...defined({ before, after }),
  });
}

function actionOf({ before, after }: MadeChange): string {
  if (before === undefined) return "registered";
  return after === undefined ? "unregistered" : "changed";
}

function place(subject: Subject): Pick<AuditFacts, "namespace" | "endpoint"> {
  return "endpoint" in subject ? { namespace: subject.namespace, endpoint: subject.endpoint } : {};
}

function isSame(before: Subject | undefined, after: Subject | undefined): boolean {
  return before !== undefined && after !== undefined && content(before) === content(after);
}

function content(subject: Subject): string {
  const members = Object.entries({ ...subject, modified: 0 });
  return JSON.stringify(members.toSorted(([left], [right]) => (left < right ? -1 : 1)));
}

function defined<Value>(members: Record<string, Value | undefined>): Record<string, Value> {
  const present = Object.entries(members).filter((pair): pair is [string, Value] => pair[1] !== undefined);
  return Object.fromEntries(present);
}
