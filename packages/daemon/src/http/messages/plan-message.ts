import type { Plan } from "@org/discovery-core";
import * as v from "valibot";
import { RegisterServerRequest } from "./server-message.ts";

const Names = v.array(v.string(), "expected an array of names of servers");
const { name, labels, weight } = RegisterServerRequest.entries;

export const PlanRequest = v.strictObject({
  add: v.nullish(
    v.pipe(
      v.array(v.strictObject({ name, labels, weight })),
      v.description("Servers to register; one that exists gets these labels and this weight."),
    ),
  ),
  remove: v.nullish(v.pipe(Names, v.description("Servers to unregister."))),
  drain: v.nullish(v.pipe(Names, v.description("Servers to drain."))),
  replicas: v.nullish(
    v.pipe(v.number(), v.description("How many servers each service would get. Default: as --replicas says.")),
  ),
});

const MoveMessage = v.object({
  namespace: v.string(),
  id: v.string(),
  name: v.string(),
  endpoint: v.string(),
  from: v.array(v.string()),
  to: v.array(v.string()),
});

/** What a change of servers would do. */
export const PlanMessage = v.object({
  services: v.pipe(v.number(), v.description("Services that are served.")),
  moved: v.pipe(v.number(), v.description("How many of them would change servers.")),
  unassigned: v.pipe(v.number(), v.description("How many of them would have no server at all.")),
  servers: v.pipe(
    v.array(v.object({ name: v.string(), before: v.number(), after: v.number() })),
    v.description("How many services each server has before and after, by name."),
  ),
  moves: v.pipe(v.array(MoveMessage), v.description("The services that would change servers, by endpoint.")),
});

/** A plan as the API shows it. */
export function planMessage({ services, moves, unassigned, servers }: Plan): v.InferOutput<typeof PlanMessage> {
  return {
    services,
    moved: moves.length,
    unassigned,
    servers: servers.map((load) => ({ ...load })),
    moves: moves.map(({ service: { namespace, id, name, endpoint }, from, to }) => ({
      ...{ namespace, id, name, endpoint },
      from: [...from],
      to: [...to],
    })),
  };
}
