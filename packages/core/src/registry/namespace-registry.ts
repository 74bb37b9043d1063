import type { Revision } from "../driver/store.ts";
import { toError } from "../error.ts";
import { auditChange } from "./audit-change.ts";
import type { Change } from "./change.ts";
import { inParallel } from "./in-parallel.ts";
import { DEFAULT_NAMESPACE, makeNamespace, namespaceFormat, type Namespace, type NamespaceInput } from "./namespace.ts";
import { checkLive, existingNamespace, type RegistryContext } from "./registry-context.ts";
import { checkName } from "./registry-name.ts";
import { serviceFormat, serviceKey } from "./service.ts";

/** Deletions under way at a time. */
const PARALLEL = 32;

/** The commands on namespaces; see `Registry`. */
export class NamespaceRegistry {
  readonly #context: RegistryContext;

  constructor(context: RegistryContext) {
    this.#context = context;
  }

  async register(input: NamespaceInput, change: Change): Promise<Namespace> {
    const { clock, writer, audit } = this.#context;
    const namespace = makeNamespace(input, clock.now());
    checkLive(this.#context);
    await this.#removeLeftovers(namespace.name);
    const { before, after } = await writer.put(namespaceFormat, namespaceFormat.key(namespace), () => namespace);
    auditChange(audit, { kind: "namespace", before, after, change });
    return after;
  }

  async unregister(name: string, change: Change): Promise<void> {
    checkName("namespace", name);
    checkLive(this.#context);
    const { audit, writer } = this.#context;
    const existing = existingNamespace(this.#context, name);
    const made = { kind: "namespace", before: existing, change } as const;
    const count = { removed: 0 };
    try {
      await this.#removeServices(name, count);
      if (existing !== DEFAULT_NAMESPACE) {
        const removed = await writer.remove(namespaceFormat, namespaceFormat.key(existing));
        if (removed !== undefined) await this.#removeOlder(name, removed.revision, count);
      }
    } catch (error) {
      const detail = `${count.removed} services removed, then: ${toError(error).message}`;
      if (count.removed > 0) auditChange(audit, { ...made, action: "removal cut off", detail });
      throw error;
    }
    auditChange(audit, { ...made, detail: `with ${count.removed} services` });
  }

  /** What a removal that was cut off left behind must not come back with the name. */
  async #removeLeftovers(name: string): Promise<void> {
    const { catalog, replica } = this.#context;
    // A record that is there and cannot be read is a namespace all the same.
    const isThere = catalog.namespace(name) !== undefined || replica.entries.has(`${namespaceFormat.prefix}${name}`);
    if (!isThere) await this.#removeOlder(name, replica.revision + 1, { removed: 0 });
  }

  async #removeServices(namespace: string, count: Count): Promise<void> {
    const { catalog, writer } = this.#context;
    await inParallel(catalog.storedIn(namespace), PARALLEL, async (service) => {
      const removed = await writer.remove(serviceFormat, serviceKey(service));
      if (removed !== undefined) count.removed += 1;
    });
  }

  /** Removes the services written before a revision; what was written since belongs to a namespace that came after. */
  async #removeOlder(namespace: string, than: Revision, count: Count): Promise<void> {
    const { catalog, replica, writer } = this.#context;
    const older = catalog.storedIn(namespace).flatMap((service) => {
      const key = serviceKey(service);
      const revision = replica.entries.get(key)?.revision;
      return revision !== undefined && revision < than ? [{ key, revision }] : [];
    });
    await inParallel(older, PARALLEL, async ({ key, revision }) => {
      if (await writer.removeAt(key, revision)) count.removed += 1;
    });
  }
}

/** How many services are gone so far. */
interface Count {
  removed: number;
}
