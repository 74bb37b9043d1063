import { serverStateNumber, type Server } from "@org/discovery-core";
import * as v from "valibot";
import { LabelsMessage, ReadOnly, Reason, Timestamp, timestamp } from "./members.ts";

/** A server in the original's JSON, with our members after its own. */
export const ServerMessage = v.object({
  name: v.string(),
  labels: LabelsMessage,
  modified: Timestamp,
  state: v.pipe(
    v.picklist(["0", "1", "2"]),
    v.description("0 leaving, 1 joining, 2 active. An int64, which the JSON of protocol buffers writes as text."),
  ),
  weight: v.optional(
    v.pipe(v.number(), v.description("Its share of the services in proportion to others; absent: 1.")),
  ),
});

/** A server as the API shows it. */
export function serverMessage({ name, labels, modified, state, weight }: Server): v.InferOutput<typeof ServerMessage> {
  const number = String(serverStateNumber(state)) as "0" | "1" | "2";
  const message = { name, labels, modified: timestamp(modified), state: number };
  return weight === undefined ? message : { ...message, weight };
}

export const RegisterServerRequest = v.strictObject({
  name: v.pipe(v.string(), v.description("1 to 255 bytes without slashes and control characters.")),
  labels: v.nullish(LabelsMessage),
  weight: v.nullish(
    v.pipe(v.number(), v.description("Its share of the services in proportion to others, 0.001 to 1000. Default: 1.")),
  ),
  reason: Reason,
  modified: ReadOnly,
  state: ReadOnly,
});
