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
    const { clock, catalog, writer, audit } = this.#context;
    const namespace = makeNamespace(input, clock.now());
    checkLive(this.#context);
    // What a removal that was cut off left behind must not come back with the name.
    if (catalog.namespace(namespace.name) === undefined) await this.#removeServices(namespace.name);
    const { before, after } = await writer.put(namespaceFormat, namespaceFormat.key(namespace), () => namespace);
    auditChange(audit, { kind: "namespace", before, after, change });
    return after;
  }

  async unregister(name: string, change: Change): Promise<void> {
    checkName("namespace", name);
    checkLive(this.#context);
    const existing = existingNamespace(this.#context, name);
    const services = await this.#removeServices(name);
    const isStored = existing !== DEFAULT_NAMESPACE;
    if (isStored) await this.#context.writer.remove(namespaceFormat, namespaceFormat.key(existing));
    // Those that were registered meanwhile.
    const late = await this.#removeServices(name);
    const detail = `with ${services + late} services`;
    auditChange(this.#context.audit, { kind: "namespace", before: existing, change, detail });
  }

  /** How many there were. */
  async #removeServices(namespace: string): Promise<number> {
    const services = this.#context.catalog.storedIn(namespace);
    await inParallel(services, PARALLEL, async (service) => {
      await this.#context.writer.remove(serviceFormat, serviceKey(service));
    });
    return services.length;
  }
}
