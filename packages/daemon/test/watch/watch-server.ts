import { VirtualClock } from "@org/discovery-core";
import { realClock } from "@org/discovery-test-servers";
import { onTestFinished } from "vitest";
import { createApp } from "../../src/http/app.ts";
import { startHttpServer } from "../../src/http/server.ts";
import { LocalLabels } from "../../src/labels/local-labels.ts";
import { createMetrics } from "../../src/metrics.ts";
import { WrittenPresence } from "../http/app-under-test.ts";
import { RecordingLog } from "../recording-log.ts";
import { WrittenRegistry } from "../written-registry.ts";
import { WatchClient } from "./watch-client.ts";

/** How often changes are looked for. */
const LOOK_MS = 100;

/** A daemon's API on a real socket, whose time moves only when told. */
export async function watchServer() {
  const clock = new VirtualClock();
  const registry = await WrittenRegistry.start(clock, { guard: { share: 0.3, holdMs: 900_000 } });
  const log = new RecordingLog();
  const stopping = new AbortController();
  const labels = new LocalLabels({ environment: [], folder: "/nowhere", runtimeFilename: "_runtime", log });
  const presence = new WrittenPresence(labels);
  const app = createApp({
    ...{ clock, log, random: Math.random, metrics: createMetrics(), stopping: stopping.signal },
    ...{ view: presence, registry, labels, token: undefined, defaultPort: 9100 },
  });
  const server = await startHttpServer({
    clock: realClock,
    log,
    fetch: (request, env) => app.fetch(request, env),
    host: "127.0.0.1",
    port: 0,
    // Longer than any test takes: what ends before was not cut off.
    limits: { closeMs: 25_000 },
  });
  const close = async (): Promise<void> => {
    stopping.abort();
    await server.close();
  };
  onTestFinished(close);
  const watch = (query = "", lastEventId?: string): Promise<WatchClient> =>
    WatchClient.open(`http://${server.address}/v1/watch${query}`, lastEventId);
  const port = Number(server.address.split(":").at(-1));
  return { clock, registry, presence, watch, close, log, port, look: () => clock.advance(LOOK_MS) };
}
