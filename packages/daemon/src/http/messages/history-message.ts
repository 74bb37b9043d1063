import type { AuditEntry } from "@org/discovery-core";
import * as v from "valibot";
import { Timestamp, timestamp } from "./members.ts";

const RecordMessage = v.looseObject({});

/** A change, as the history has it. */
export const HistoryMessage = v.object({
  id: v.pipe(v.string(), v.description("Sorts by time.")),
  at: v.pipe(Timestamp, v.description("When, by the clock of the daemon that made the change.")),
  action: v.pipe(
    v.string(),
    v.description(
      "What was done: registered, changed, unregistered, drained, activated, lease expired, assignment moved, guard accepted, restored or wiped.",
    ),
  ),
  kind: v.pipe(v.string(), v.description("To what: namespace, server, service, registry or guard.")),
  name: v.string(),
  namespace: v.optional(v.pipe(v.string(), v.description("Of a service."))),
  endpoint: v.optional(v.pipe(v.string(), v.description("Of a service."))),
  actor: v.pipe(
    v.string(),
    v.description(
      "Who: the user or token; anonymous where none is asked for; discoveryd where a rule of its own is at work.",
    ),
  ),
  reason: v.optional(v.pipe(v.string(), v.description("Why, as it was given."))),
  origin: v.optional(v.pipe(v.string(), v.description("The address that the request came from."))),
  detail: v.optional(v.pipe(v.string(), v.description("More about it, for people."))),
  before: v.optional(v.pipe(RecordMessage, v.description("The record as it was, as a backup has it."))),
  after: v.optional(v.pipe(RecordMessage, v.description("The record as it became, as a backup has it."))),
});

/** A change as the API shows it. */
export function historyMessage(entry: AuditEntry): v.InferOutput<typeof HistoryMessage> {
  const { before, after, ...facts } = entry;
  return {
    ...facts,
    at: timestamp(entry.at),
    ...(before === undefined ? {} : { before: { ...before } }),
    ...(after === undefined ? {} : { after: { ...after } }),
  };
}
