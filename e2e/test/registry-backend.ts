import { waitUntil } from "@org/discovery-test-servers";
import { Discoveryd } from "./discoveryd.ts";
import { natsForTest } from "./nats.ts";
import { redisForTest } from "./redis.ts";

/** What each driver is tried on. */
export const DRIVERS = ["local", "redis", "nats"] as const;

/** A backend of its own for the test that runs. */
export interface RegistryBackend {
  /** The flags that lead there. */
  readonly flags: readonly string[];
  /** How many daemons it takes at a time. */
  readonly daemons: 1 | 2;
}

/** Starts the backend of a driver. */
export async function registryBackend(driver: (typeof DRIVERS)[number]): Promise<RegistryBackend> {
  const flags = ["--driver", driver];
  if (driver === "redis") return { flags: [...flags, "--redis-url", (await redisForTest()).url], daemons: 2 };
  if (driver === "nats") return { flags: [...flags, "--nats-url", (await natsForTest()).url], daemons: 2 };
  return { flags, daemons: 1 };
}

/** A daemon on it, ready, which knows the registry: an empty one it believes only after a while. */
export async function daemonOn({ flags }: Pick<RegistryBackend, "flags">, hostname: string): Promise<Discoveryd> {
  const timing = ["--ttl", "3s", "--keep-alive", "500ms"];
  const daemon = await Discoveryd.start({ flags: [...flags, "--hostname", hostname, ...timing] });
  await waitUntil("the registry is known", async () => (await daemon.fetch("/v1/services")).status === 200, 30_000);
  return daemon;
}

/** The daemon that is written to and the one that is read: two, where the backend takes two. */
export async function writerAndReader(backend: RegistryBackend): Promise<readonly [Discoveryd, Discoveryd]> {
  const writer = await daemonOn(backend, "a.example.com");
  return [writer, backend.daemons === 1 ? writer : await daemonOn(backend, "b.example.com")];
}

/** Resolves when a daemon has answered like this; a write to another daemon takes a moment to get there. */
export async function sees(daemon: Discoveryd, path: string, part: string): Promise<void> {
  await waitUntil(`${path} has ${part}`, async () => (await daemon.text(path)).includes(part));
}
