import type { HostTargetGroups, Log } from "@org/discovery-core";
import { OmissionLog } from "./omission-log.ts";
import type { KnownHost, PresenceView } from "./presence-view.ts";
import type { RenderedList } from "./rendered-list.ts";
import { RenderedLists } from "./rendered-lists.ts";

/** Target groups of the present fleet, rendered once for each of its states, with a warning for what had to be left out. */
export class TargetLists {
  readonly view: PresenceView;
  readonly #rendered = new RenderedLists();
  readonly #omissions: OmissionLog;

  constructor(view: PresenceView, log: Log) {
    this.view = view;
    this.#omissions = new OmissionLog(log);
  }

  /** The list under `key`, which must say everything that `make` depends on besides the hosts. */
  get(key: string, make: (hosts: readonly KnownHost[]) => HostTargetGroups): RenderedList {
    const hosts = this.view.exported();
    return this.#rendered.get(hosts, key, () => {
      const { groups, omissions } = make(hosts);
      this.#omissions.report(omissions);
      return groups;
    });
  }
}
