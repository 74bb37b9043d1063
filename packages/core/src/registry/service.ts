import * as v from "valibot";
import { parseSelector } from "../selector/selector.ts";
import { parseEndpoint } from "./endpoint.ts";
import { invalidArgument } from "./invalid-argument.ts";
import { checkLabels, type Labels } from "./labels.ts";
import { DEFAULT_NAMESPACE } from "./namespace.ts";
import type { RecordFormat } from "./record-format.ts";
import { LabelsSchema, TimeSchema } from "./record-schema.ts";
import { checkName } from "./registry-name.ts";
import { serviceId } from "./service-id.ts";

/** Something to be scraped or called. Its namespace and id are its identity, and the id follows from the endpoint. */
export interface Service {
  /** UUID of the endpoint; see `serviceId`. */
  readonly id: string;
  /** The job in Prometheus. */
  readonly name: string;
  /** As given. */
  readonly endpoint: string;
  readonly namespace: string;
  readonly labels: Labels;
  /** Which servers may get it, as given; empty: all. */
  readonly selector: string;
  /** Empty: none. */
  readonly description: string;
  /** Seconds that it is served without being renewed. Absent: for ever. */
  readonly ttlSeconds?: number;
  /** Unix milliseconds of the last registration. */
  readonly modified: number;
}

/** What somebody says when registering a service. */
export interface ServiceInput {
  readonly name: string;
  readonly endpoint: string;
  /** Default: `default`. */
  readonly namespace?: string;
  /** Default: none. */
  readonly labels?: Labels;
  /** Default: empty, which every server matches. */
  readonly selector?: string;
  /** At most 4,096 bytes. Default: empty. */
  readonly description?: string;
  /** Whole seconds, 1 to 31,536,000 (a year). Default: no lease. */
  readonly ttlSeconds?: number;
}

const MAX_DESCRIPTION_BYTES = 4096;
const MAX_TTL_SECONDS = 365 * 24 * 60 * 60;
const encoder = new TextEncoder();

/** A service from what was asked for. Throws `invalid_argument` that points at the fault. */
export function makeService(input: ServiceInput, modified: number): Service {
  const { name, endpoint, namespace = DEFAULT_NAMESPACE.name, selector = "", description = "", ttlSeconds } = input;
  checkName("service name", name);
  checkName("namespace", namespace);
  parseEndpoint(endpoint);
  parseSelector(selector);
  checkDescription(description);
  const labels = checkLabels(input.labels ?? {});
  const id = serviceId(endpoint);
  const service = { id, name, endpoint, namespace, labels, selector, description };
  if (ttlSeconds === undefined) return { ...service, modified };
  if (!Number.isInteger(ttlSeconds) || ttlSeconds < 1 || ttlSeconds > MAX_TTL_SECONDS) {
    throw invalidArgument("ttl", ttlSeconds, `whole seconds, 1 to ${MAX_TTL_SECONDS}`);
  }
  return { ...service, ttlSeconds, modified };
}

/** The store's key of a service: `service/<namespace>/<id>`. */
export function serviceKey({ namespace, id }: Pick<Service, "namespace" | "id">): string {
  return `service/${namespace}/${id}`;
}

/** Keys `service/<namespace>/<id>`. */
export const serviceFormat: RecordFormat<Service> = {
  kind: "service",
  prefix: "service/",
  schema: v.strictObject({
    id: v.string(),
    name: v.string(),
    endpoint: v.string(),
    namespace: v.string(),
    labels: LabelsSchema,
    selector: v.string(),
    description: v.string(),
    ttlSeconds: v.exactOptional(v.number()),
    modified: TimeSchema,
  }),
  key: serviceKey,
  check: (service) => {
    const { id } = makeService(service, service.modified);
    if (service.id !== id) throw invalidArgument("service id", service.id, `${id}, the id of ${service.endpoint}`);
  },
};

function checkDescription(description: string): void {
  const bytes = encoder.encode(description).length;
  if (bytes <= MAX_DESCRIPTION_BYTES && description.isWellFormed()) return;
  throw invalidArgument("description", description, `at most ${MAX_DESCRIPTION_BYTES} bytes of UTF-8, got ${bytes}`);
}
