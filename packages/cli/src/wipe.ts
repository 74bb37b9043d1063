import type { DiscoveryClient, Epoch } from "@org/discovery-client";
import { EXIT, UsageError } from "./exit-code.ts";
import type { Terminal } from "./terminal.ts";

export interface WipeOptions {
  /** Why, for the history. */
  readonly reason?: string;
  /** Whether to do it without asking. */
  readonly yes: boolean;
}

const WORD = "wipe";

/**
 * Empties the registry on purpose, once the user has confirmed. Resolves with the exit code.
 *
 * Throws `UsageError` where nobody is there to be asked; what the daemon refuses as `DiscoveryError`.
 */
export async function wipe(client: DiscoveryClient, { reason, yes }: WipeOptions, terminal: Terminal): Promise<number> {
  if (!yes && !(await isConfirmed(client, terminal))) {
    terminal.complain("not confirmed: nothing was wiped");
    return EXIT.failed;
  }
  const { removed, before, epoch, revision } = await client.wipe(reason === undefined ? {} : { reason });
  terminal.print(
    `wiped: ${removed} entries removed; ${shown(before)} is over, ${shown(epoch)} began at revision ${revision}`,
  );
  return EXIT.done;
}

async function isConfirmed(client: DiscoveryClient, terminal: Terminal): Promise<boolean> {
  const { ask } = terminal;
  if (ask === undefined) {
    throw new UsageError("nobody is there to confirm it (standard input is no terminal); say --yes");
  }
  const { services, servers } = await client.plan();
  terminal.complain(
    `This removes every namespace, server and service, and the history, from the registry of ${client.address}, on all its daemons:\n` +
      `${servers.length} servers, ${services} services. Every Prometheus loses its targets. The only way back is a backup:\n` +
      `GET ${client.address}/v1/backup`,
  );
  return (await ask(`Type ${WORD} to go on: `)).trim() === WORD;
}

function shown(epoch: Epoch | null): string {
  return epoch === null ? "no epoch" : `epoch ${epoch.id} (${epoch.origin})`;
}
