import * as v from "valibot";
import { invalidArgument } from "./invalid-argument.ts";
import { checkLabels, type Labels } from "./labels.ts";
import type { RecordFormat } from "./record-format.ts";
import { LabelsSchema, TimeSchema } from "./record-schema.ts";
import { checkServerName } from "./registry-name.ts";
import type { ServerState } from "./server-state.ts";

/** A registered Prometheus server. */
export interface Server {
  readonly name: string;
  readonly labels: Labels;
  readonly state: ServerState;
  /** Its share of the services in proportion to those of others. Absent: 1. Counts for rendezvous only. */
  readonly weight?: number;
  /** Unix milliseconds of the last registration or change of state. */
  readonly modified: number;
}

/** What somebody says when registering a server. */
export interface ServerInput {
  readonly name: string;
  /** Default: none. */
  readonly labels?: Labels;
  /** 0.001 to 1,000. Default: 1. */
  readonly weight?: number;
}

const MIN_WEIGHT = 0.001;
const MAX_WEIGHT = 1000;

/** An active server from what was asked for. Throws `invalid_argument`. */
export function makeServer(input: ServerInput, modified: number): Server {
  checkServerName(input.name);
  const labels = checkLabels(input.labels ?? {});
  const { name, weight } = input;
  if (weight === undefined) return { name, labels, state: "active", modified };
  if (!(weight >= MIN_WEIGHT && weight <= MAX_WEIGHT)) {
    throw invalidArgument("server weight", weight, `${MIN_WEIGHT} to ${MAX_WEIGHT}`);
  }
  return { name, labels, state: "active", weight, modified };
}

/** Keys `server/<name>`. */
export const serverFormat: RecordFormat<Server> = {
  kind: "server",
  prefix: "server/",
  schema: v.strictObject({
    name: v.string(),
    labels: LabelsSchema,
    state: v.picklist(["leaving", "joining", "active"]),
    weight: v.exactOptional(v.number()),
    modified: TimeSchema,
  }),
  key: ({ name }) => `server/${name}`,
  check: (server) => void makeServer(server, server.modified),
};
