import type { StoreEntry } from "../driver/store.ts";
import { namespaceFormat, type Namespace } from "./namespace.ts";
import { decodeRecord, type Problem, type RecordFormat } from "./record-format.ts";
import { serverFormat, type Server } from "./server.ts";
import { serviceFormat, type Service } from "./service.ts";

/** Which kind of record a change of the store was about. */
export type RecordKind = "namespace" | "server" | "service";

/** The records of the store, read and indexed one entry at a time. Each map is by store key unless it says otherwise. */
export class CatalogIndex {
  /** By name. */
  readonly namespaces = new Map<string, Namespace>();
  /** By name. */
  readonly servers = new Map<string, Server>();
  readonly services = new Map<string, Service>();
  /** By endpoint, then by store key. */
  readonly endpoints = new Map<string, Map<string, Service>>();
  /** By namespace, then by store key. */
  readonly members = new Map<string, Map<string, Service>>();
  /** Values that could not be read. */
  readonly problems = new Map<string, Problem>();
  readonly #values = new Map<string, string>();
  readonly #readers: Readonly<Record<RecordKind, (key: string) => void>> = {
    namespace: (key) => replace(this.namespaces, nameIn(key), this.#read(namespaceFormat, key)),
    server: (key) => replace(this.servers, nameIn(key), this.#read(serverFormat, key)),
    service: (key) => this.#setService(key),
  };

  /** Takes in one key as it is now. `undefined`: the key is no record's, or its value is what it was. */
  set(key: string, entry: StoreEntry | undefined): RecordKind | undefined {
    const kind = kindOf(key);
    if (kind === undefined || this.#values.get(key) === entry?.value) return undefined;
    this.problems.delete(key);
    if (entry === undefined) this.#values.delete(key);
    else this.#values.set(key, entry.value);
    this.#readers[kind](key);
    return kind;
  }

  /** Takes in the whole store as it is now; what has not changed is not read again. */
  setAll(entries: ReadonlyMap<string, StoreEntry>): Set<RecordKind> {
    const kinds = new Set<RecordKind>();
    const keys = new Set([...this.#values.keys(), ...entries.keys()]);
    for (const key of keys) {
      const kind = this.set(key, entries.get(key));
      if (kind !== undefined) kinds.add(kind);
    }
    return kinds;
  }

  #setService(key: string): void {
    const before = this.services.get(key);
    if (before !== undefined) {
      removeFrom(this.endpoints, before.endpoint, key);
      removeFrom(this.members, before.namespace, key);
    }
    const service = this.#read(serviceFormat, key);
    replace(this.services, key, service);
    if (service === undefined) return;
    addTo(this.endpoints, service.endpoint, { key, service });
    addTo(this.members, service.namespace, { key, service });
  }

  #read<Content extends object>(format: RecordFormat<Content>, key: string): Content | undefined {
    const value = this.#values.get(key);
    if (value === undefined) return undefined;
    const decoded = decodeRecord(format, key, value);
    if ("record" in decoded) return decoded.record;
    this.problems.set(key, decoded.problem);
    return undefined;
  }
}

function kindOf(key: string): RecordKind | undefined {
  if (key.startsWith(serviceFormat.prefix)) return "service";
  if (key.startsWith(serverFormat.prefix)) return "server";
  return key.startsWith(namespaceFormat.prefix) ? "namespace" : undefined;
}

/** What stands behind the kind. */
function nameIn(key: string): string {
  return key.slice(key.indexOf("/") + 1);
}

function replace<Value>(map: Map<string, Value>, key: string, value: Value | undefined): void {
  if (value === undefined) map.delete(key);
  else map.set(key, value);
}

function addTo(
  index: Map<string, Map<string, Service>>,
  group: string,
  { key, service }: { key: string; service: Service },
): void {
  const known = index.get(group);
  if (known === undefined) index.set(group, new Map([[key, service]]));
  else known.set(key, service);
}

function removeFrom(index: Map<string, Map<string, Service>>, group: string, key: string): void {
  const known = index.get(group);
  known?.delete(key);
  if (known?.size === 0) index.delete(group);
}
