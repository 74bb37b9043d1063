import { DiscoveryError } from "../error.ts";
import type { Assignment } from "./assignment.ts";
import { auditChange, type MadeChange } from "./audit-change.ts";
import { auditMoves } from "./audit-moves.ts";
import type { Change } from "./change.ts";
import { quoted } from "./invalid-argument.ts";
import { moves } from "./plan.ts";
import { checkLive, type RegistryContext } from "./registry-context.ts";
import { checkServerName } from "./registry-name.ts";
import { makeServer, serverFormat, type Server, type ServerInput } from "./server.ts";

/** The commands on servers; see `Registry`. */
export class ServerRegistry {
  readonly #context: RegistryContext;

  constructor(context: RegistryContext) {
    this.#context = context;
  }

  async register(input: ServerInput, change: Change): Promise<Server> {
    const { clock, catalog, writer } = this.#context;
    const server = makeServer(input, clock.now());
    checkLive(this.#context);
    const { assignment } = catalog;
    const { before, after } = await writer.put(serverFormat, serverFormat.key(server), (before) =>
      before === undefined ? server : { ...server, state: before.state },
    );
    this.#audit(assignment, { kind: "server", before, after, change });
    return after;
  }

  async unregister(name: string, change: Change): Promise<void> {
    checkServerName(name);
    checkLive(this.#context);
    const { catalog, writer } = this.#context;
    const { assignment } = catalog;
    const removed = await writer.remove(serverFormat, `${serverFormat.prefix}${name}`);
    if (removed === undefined) throw noServer(name);
    this.#audit(assignment, { kind: "server", before: removed.before, change });
  }

  drain(name: string, change: Change): Promise<Server> {
    return this.#enter(name, { state: "leaving", action: "drained", change });
  }

  activate(name: string, change: Change): Promise<Server> {
    return this.#enter(name, { state: "active", action: "activated", change });
  }

  async #enter(name: string, { state, action, change }: Entering): Promise<Server> {
    checkServerName(name);
    checkLive(this.#context);
    const { clock, catalog, writer } = this.#context;
    const { assignment } = catalog;
    const { before, after } = await writer.put(serverFormat, `${serverFormat.prefix}${name}`, (before) => {
      if (before === undefined) throw noServer(name);
      return { ...before, state, modified: clock.now() };
    });
    this.#audit(assignment, { kind: "server", before, after, change, action });
    return after;
  }

  /** Beside the change itself, how many services it moved, and in an entry of their own, which way. */
  #audit(assignment: Assignment, made: MadeChange): void {
    const { audit, catalog } = this.#context;
    if (audit === undefined) return;
    const services = catalog.services();
    const moved = moves(services, assignment, catalog.assignment);
    auditChange(audit, { ...made, detail: `${moved.length} of ${services.length} services moved` });
    auditMoves(audit, moved, made);
  }
}

interface Entering {
  readonly state: Server["state"];
  readonly action: string;
  readonly change: Change;
}

function noServer(name: string): DiscoveryError {
  return new DiscoveryError("not_found", `server ${quoted(name)}: there is no such server`);
}
