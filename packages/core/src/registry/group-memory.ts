import type { TargetGroup } from "../target-group.ts";
import type { ExportConfig } from "./export-config.ts";
import type { ServiceOmission } from "./service-omission.ts";

/** A service as a target group, with what of it had to be left out. */
export interface RenderedGroup {
  readonly group: TargetGroup;
  readonly omissions: readonly ServiceOmission[];
}

/**
 * Groups that were rendered before, so that after a change only the services that changed are rendered again: one that did is
 * another object. Forgets a group with its service.
 */
export class GroupMemory {
  readonly #groups = new Map<ExportConfig, WeakMap<object, RenderedGroup>>();

  /** The group of this very service under that config, made by `render` where it is not known. */
  get(config: ExportConfig, service: object, render: () => RenderedGroup): RenderedGroup {
    const groups = this.#groups.get(config) ?? new WeakMap<object, RenderedGroup>();
    this.#groups.set(config, groups);
    const known = groups.get(service);
    if (known !== undefined) return known;
    const rendered = render();
    groups.set(service, rendered);
    return rendered;
  }
}
