import type { AssignedService, Lease } from "@org/discovery-core";
import * as v from "valibot";
import { parseDuration } from "../../config/duration.ts";
import { LabelsMessage, ReadOnly, Reason, Timestamp, timestamp } from "./members.ts";

const LeaseMessage = v.object({
  age: v.pipe(v.number(), v.description("Seconds since it was last renewed, as far as this daemon heard.")),
  expired: v.pipe(v.boolean(), v.description("Not renewed for its TTL: the service is not served.")),
});

/** A service in the original's JSON, with our members after its own. */
export const ServiceMessage = v.object({
  id: v.string(),
  name: v.string(),
  endpoint: v.string(),
  namespace: v.string(),
  selector: v.string(),
  servers: v.pipe(v.array(v.string()), v.description("Names of the servers that scrape it.")),
  labels: LabelsMessage,
  description: v.string(),
  modified: Timestamp,
  ttl: v.optional(
    v.pipe(v.number(), v.description("Seconds that it is served without being renewed; absent: for ever.")),
  ),
  served: v.optional(v.pipe(v.boolean(), v.description("False where it is stored and not served; absent otherwise."))),
  lease: v.optional(v.pipe(LeaseMessage, v.description("Where a single service with a TTL is asked for."))),
});

export interface ServiceFacts {
  readonly served: boolean;
  readonly lease?: Lease | undefined;
}

/** A service as the API shows it. */
export function serviceMessage(
  { ttlSeconds, modified, ...service }: AssignedService,
  { served, lease }: ServiceFacts = { served: true },
): v.InferOutput<typeof ServiceMessage> {
  const { id, name, endpoint, namespace, selector, servers, labels, description } = service;
  return {
    ...{ id, name, endpoint, namespace, selector, servers: [...servers], labels, description },
    modified: timestamp(modified),
    ...(ttlSeconds === undefined ? {} : { ttl: ttlSeconds }),
    ...(served ? {} : { served }),
    ...(lease === undefined ? {} : { lease: { age: Math.round(lease.ageMs) / 1000, expired: lease.expired } }),
  };
}

/** Seconds; 0 is none. */
const TtlMessage = v.pipe(
  v.union([v.number(), v.string()], "expected seconds or a Go duration"),
  v.description(
    "Seconds, or a Go duration such as 1m30s, that it is served without being renewed. 0, or none: for ever.",
  ),
  v.rawTransform<number | string, number>(({ dataset, addIssue, NEVER }) => {
    if (typeof dataset.value === "number") return dataset.value;
    const ms = dataset.value.trim() === "" ? 0 : parseDuration(dataset.value);
    if (ms !== undefined) return ms / 1000;
    addIssue({ message: "expected seconds or a Go duration such as 1m30s" });
    return NEVER;
  }),
);

export const RegisterServiceRequest = v.strictObject({
  name: v.pipe(v.string(), v.description('Job in Prometheus: 1 to 255 letters, digits, "_" or "-".')),
  endpoint: v.pipe(
    v.string(),
    v.description("Absolute URL without credentials, at most 2,048 bytes. Its text is the service's identity."),
  ),
  labels: v.nullish(LabelsMessage),
  description: v.nullish(v.pipe(v.string(), v.description("For people; at most 4,096 bytes."))),
  namespace: v.nullish(v.pipe(v.string(), v.description("Default: default."))),
  selector: v.nullish(
    v.pipe(
      v.string(),
      v.description("Kubernetes label selector for the servers that may scrape it. Default: all of them."),
    ),
  ),
  ttl: v.nullish(TtlMessage),
  reason: Reason,
  id: ReadOnly,
  servers: ReadOnly,
  modified: ReadOnly,
  served: ReadOnly,
  lease: ReadOnly,
});
