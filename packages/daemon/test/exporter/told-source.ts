import type { Cancel, ExportConfig, Service, ServerState } from "@org/discovery-core";
import type { ServerView, Source } from "../../src/exporter/source.ts";

/** A service as the registry has it; `endpoint` tells it from others. */
export function service(name: string, endpoint: string, namespace = "default"): Service {
  return { id: endpoint, name, endpoint, namespace, labels: {}, selector: "", description: "", modified: 0 };
}

/** A source that is told what to say. */
export class ToldSource implements Source {
  state: ServerState | undefined = "active";
  services: readonly Service[] = [];
  exports: Readonly<Record<string, ExportConfig>> = {};
  isKnown = true;
  why: string | undefined;
  readonly #listeners = new Set<() => void>();

  async start(): Promise<void> {}
  async stop(): Promise<void> {}

  view(): ServerView | undefined {
    if (!this.isKnown) return undefined;
    const { state, services, exports } = this;
    return { state, services, exportOf: (namespace) => exports[namespace] ?? "standard" };
  }

  doubt(): string | undefined {
    return this.why;
  }

  onChange(listener: () => void): Cancel {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Changes what it says, and tells so. */
  say(news: Partial<Pick<ToldSource, "state" | "services" | "exports" | "isKnown" | "why">>): void {
    Object.assign(this, news);
    for (const listener of this.#listeners) listener();
  }
}
