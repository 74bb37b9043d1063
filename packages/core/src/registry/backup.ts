import * as v from "valibot";
import { isDiscoveryError } from "../error.ts";
import type { Catalog } from "./catalog.ts";
import { invalidArgument } from "./invalid-argument.ts";
import { DEFAULT_NAMESPACE, namespaceFormat, type Namespace } from "./namespace.ts";
import type { RecordFormat } from "./record-format.ts";
import { TimeSchema } from "./record-schema.ts";
import { serverFormat, type Server } from "./server.ts";
import { serviceFormat, type Service } from "./service.ts";

/** The whole catalog as one document, for any driver. Plain JSON. */
export interface Backup {
  readonly format: "discovery-backup";
  readonly v: 1;
  /** Unix milliseconds. */
  readonly created: number;
  readonly namespaces: readonly Namespace[];
  readonly servers: readonly Server[];
  readonly services: readonly Service[];
}

const BackupSchema = v.strictObject({
  format: v.literal("discovery-backup"),
  v: v.literal(1),
  created: TimeSchema,
  namespaces: v.array(namespaceFormat.schema),
  servers: v.array(serverFormat.schema),
  services: v.array(serviceFormat.schema),
});

/** A backup of the catalog as it is. Values that cannot be read, and services without a namespace, are not in it. */
export function makeBackup(catalog: Catalog, created: number): Backup {
  const services = catalog.stored().filter(({ namespace }) => catalog.namespace(namespace) !== undefined);
  return {
    format: "discovery-backup",
    v: 1,
    created,
    namespaces: catalog.namespaces().filter((namespace) => namespace !== DEFAULT_NAMESPACE),
    servers: catalog.servers(),
    services: services.map(({ servers: _servers, ...service }) => service),
  };
}

/** Reads a backup. Throws `invalid_argument` that names the place for anything that could not be restored as a whole. */
export function parseBackup(json: unknown): Backup {
  const parsed = v.safeParse(BackupSchema, json);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    const place = v.getDotPath(issue) ?? "document";
    throw invalidArgument(`backup, ${place}:`, issue.input, issue.expected ?? "a value that can be restored");
  }
  const backup = parsed.output;
  checkAll("namespaces", namespaceFormat, backup.namespaces);
  checkAll("servers", serverFormat, backup.servers);
  checkAll("services", serviceFormat, backup.services);
  const names = new Set([DEFAULT_NAMESPACE.name, ...backup.namespaces.map(({ name }) => name)]);
  for (const [index, { namespace }] of backup.services.entries()) {
    if (!names.has(namespace)) {
      throw invalidArgument(`backup, services.${index}.namespace:`, namespace, "a namespace of this backup");
    }
  }
  return backup;
}

function checkAll<Content extends object>(list: string, format: RecordFormat<Content>, records: Content[]): void {
  const seen = new Set<string>();
  for (const [index, record] of records.entries()) {
    const place = `backup, ${list}.${index}:`;
    try {
      format.check(record);
    } catch (error) {
      if (!isDiscoveryError(error)) throw error;
      throw invalidArgument(place, record, error.message);
    }
    const key = format.key(record);
    if (seen.has(key)) throw invalidArgument(place, key, `each ${format.kind} once`);
    seen.add(key);
  }
}
