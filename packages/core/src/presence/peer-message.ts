import * as v from "valibot";
import { MAX_LABELS, sanitizeLabels } from "./announced-labels.ts";
import { isHostname } from "./hostname.ts";
import { parseJson } from "./packet.ts";

/** Longest peer message that is looked at, in UTF-16 units; a part of a fleet answer stays well below. */
const MAX_LENGTH = 512 * 1024;

/** Most leases that one message renews: at most half a MiB, keys being a kilobyte at most and far less as a rule. */
export const MAX_RENEWALS = 500;

const InstanceSchema = v.pipe(v.string(), v.regex(/^[\w-]{1,32}$/));
const CounterSchema = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const HostnameSchema = v.pipe(v.string(), v.check(isHostname));
const LabelsSchema = v.pipe(
  v.array(v.string()),
  v.maxLength(MAX_LABELS),
  v.transform((labels): readonly string[] => sanitizeLabels(labels)),
);
const IdentitySchema = v.object({ instance: InstanceSchema, incarnation: CounterSchema, sequence: CounterSchema });

const FleetRecordSchema = v.object({
  hostname: HostnameSchema,
  labels: LabelsSchema,
  /** Milliseconds since it was last heard. */
  age: v.pipe(v.number(), v.finite(), v.minValue(0)),
  /** Absent for a host announced by an original daemon. */
  identity: v.optional(IdentitySchema),
  /** On the disk alone: the sources that it was heard over, by their index; absent where it was heard over all. */
  over: v.optional(v.pipe(v.array(CounterSchema), v.minLength(1))),
});

const PeerMessageSchema = v.variant("type", [
  v.object({ type: v.literal("hi"), hostname: HostnameSchema, labels: LabelsSchema, identity: IdentitySchema }),
  v.object({ type: v.literal("goodbye"), instance: InstanceSchema }),
  v.object({ type: v.literal("renew"), keys: v.pipe(v.array(v.string()), v.maxLength(MAX_RENEWALS)) }),
  v.object({ type: v.literal("ask") }),
  v.object({ type: v.literal("sync"), id: InstanceSchema, from: InstanceSchema }),
  v.object({ type: v.literal("answering"), id: InstanceSchema }),
  v.object({
    type: v.literal("fleet"),
    id: InstanceSchema,
    from: InstanceSchema,
    part: CounterSchema,
    parts: v.pipe(CounterSchema, v.minValue(1)),
    hosts: v.array(FleetRecordSchema),
  }),
]);

/** One host as daemons tell each other, and as it is saved on disk. */
export type FleetRecord = v.InferOutput<typeof FleetRecordSchema>;

/**
 * What our daemons say among themselves on the ext channel:
 *
 * - `hi`: a host's full announcement with its identity; at start, on change, when asked and now and then.
 * - `goodbye`: this instance is leaving.
 * - `renew`: the leases of these services were renewed at this daemon.
 * - `ask` (to a daemon's inbox): say `hi`, I hear your beat but do not know what you announce.
 * - `sync`: I am new, who is there?
 * - `answering`: I am answering that `sync`; whoever else meant to need not.
 * - `fleet` (to the inbox of the daemon that sent the `sync`): the answer, in parts.
 */
export type PeerMessage = v.InferOutput<typeof PeerMessageSchema>;

/** Parses a peer message; `undefined` for anything else. Never throws. */
export function parsePeerMessage(text: string): PeerMessage | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  const result = v.safeParse(PeerMessageSchema, parseJson(text));
  return result.success ? result.output : undefined;
}

/** A peer message as it goes over the ext channel. */
export function encodePeerMessage(message: PeerMessage): string {
  return JSON.stringify(message);
}

/** Parses a fleet as it was saved on disk; `undefined` for anything else. */
export function parseFleetRecords(json: unknown): FleetRecord[] | undefined {
  const result = v.safeParse(v.array(FleetRecordSchema), json);
  return result.success ? result.output : undefined;
}
