import * as v from "valibot";
import { isHostname } from "./hostname.ts";
import { MAX_LABELS, sanitizeLabels } from "./announced-labels.ts";

/**
 * One announcement of a host in lobby's wire format: `hi` announces and keeps alive, `goodbye` leaves.
 * The format is that of the original daemon, so that both can share a channel.
 */
export interface Packet {
  readonly message: "hi" | "goodbye";
  readonly hostname: string;
  /** Sorted, without duplicates. */
  readonly labels: readonly string[];
}

/** Why a message was dropped; the values of the `result` label of `discovery_packets_received_total`. */
export type Rejection =
  | "too_long"
  | "not_json"
  | "wrong_shape"
  | "bad_hostname"
  | "too_many_labels"
  | "unknown_message";

/** Longest packet that is looked at, in UTF-16 units. A host with a thousand labels of 100 characters fits. */
export const MAX_PACKET_LENGTH = 128 * 1024;

/** What is left for a signature, in UTF-16 units. */
const SPARE_LENGTH = 64;

/** What Go's encoding/json writes as an escape although JSON does not ask for it. */
const ESCAPED_BY_GO = /[<>&\u2028\u2029]/g;

/** What the original daemon decodes: unknown members are ignored, and Go writes an empty list as `null`. */
const PacketSchema = v.object({
  discovery: v.object({
    hostname: v.string(),
    labels: v.optional(v.nullable(v.array(v.string())), null),
  }),
  message: v.string(),
});

/** The packet as it goes over the wire, byte for byte what the original daemon sends for it. */
export function encodePacket(packet: Packet): string {
  const { hostname, labels, message } = packet;
  return goJson({ discovery: { hostname, labels, last_check: 0 }, message });
}

/** As many of a host's labels, from the first on, as fit into one packet that other daemons still look at. */
export function packableLabels({ hostname, labels }: Pick<Packet, "hostname" | "labels">): readonly string[] {
  let length = encodePacket({ message: "goodbye", hostname, labels: [] }).length + SPARE_LENGTH;
  const tooMany = labels.findIndex((label) => {
    length += goJson(label).length + 1;
    return length > MAX_PACKET_LENGTH;
  });
  return tooMany === -1 ? labels : labels.slice(0, tooMany);
}

function goJson(value: unknown): string {
  const json = JSON.stringify(value);
  return json.replaceAll(ESCAPED_BY_GO, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** The packet in a message, or why there is none. Never throws: the bus carries whatever anybody publishes. */
export function parsePacket(message: string): Packet | Rejection {
  if (message.length > MAX_PACKET_LENGTH) return "too_long";
  const json = parseJson(message);
  if (json === undefined) return "not_json";
  const result = v.safeParse(PacketSchema, json);
  if (!result.success) return "wrong_shape";
  const { discovery, message: kind } = result.output;
  if (kind !== "hi" && kind !== "goodbye") return "unknown_message";
  if (!isHostname(discovery.hostname)) return "bad_hostname";
  const announced = discovery.labels ?? [];
  if (announced.length > MAX_LABELS) return "too_many_labels";
  return { message: kind, hostname: discovery.hostname, labels: sanitizeLabels(announced) };
}

/** The JSON value in a text, `undefined` where it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
