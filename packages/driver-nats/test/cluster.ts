import { freePort, startNats, waitUntil, type NatsServer } from "@org/discovery-test-servers";
import { connect } from "nats";

/** Three real servers on loopback, with JetStream. */
export interface Cluster {
  readonly servers: readonly [NatsServer, NatsServer, NatsServer];
  readonly urls: string[];
  /** Deletes a stream. */
  deleteStream(stream: string): Promise<void>;
  /** Resolves when all three are up and level, JetStream answers, and where one is named, its stream has a leader. */
  ready(stream?: string): Promise<void>;
  /** Which server leads a stream; -1 for none. */
  leaderOf(stream: string): Promise<number>;
  stop(): Promise<void>;
}

const PATIENCE_MS = 40_000;

export async function startCluster(args: readonly string[] = []): Promise<Cluster> {
  const ports = await Promise.all([freePort(), freePort(), freePort()]);
  const monitors = await Promise.all([freePort(), freePort(), freePort()]);
  const routes = ports.map((port) => `nats://127.0.0.1:${port}`).join(",");
  const start = (index: 0 | 1 | 2): Promise<NatsServer> => {
    const own = ["--cluster", `nats://127.0.0.1:${ports[index]}`, "--http_port", String(monitors[index])];
    return startNats({ args: ["--cluster_name", "test", "--routes", routes, ...own, ...args] });
  };
  const servers = await Promise.all([start(0), start(1), start(2)] as const);
  const urls = servers.map((server) => server.url);
  const areHealthy = async (): Promise<boolean> => (await Promise.all(monitors.map(isHealthy))).every(Boolean);
  return {
    servers,
    urls,
    ready: async (stream) => {
      await waitUntil("every server is healthy", areHealthy, PATIENCE_MS);
      await waitUntil("JetStream has leaders", () => isReady(urls, stream), PATIENCE_MS);
    },
    deleteStream: (stream) =>
      waitUntil(
        `${stream} is deleted`,
        () => asked(urls, `$JS.API.STREAM.DELETE.${stream}`, isGone, false),
        PATIENCE_MS,
      ),
    leaderOf: async (stream) => {
      const name = await leaderOf(urls, stream);
      const logs = await Promise.all(servers.map((server) => server.log()));
      return logs.findIndex((log) => name !== "" && new RegExp(`Name: +${name}\\b`).test(log));
    },
    stop: async () => void (await Promise.all(servers.map((server) => server.stop()))),
  };
}

/** Whether a server has caught up with the others in all that it keeps. */
async function isHealthy(monitor: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${monitor}/healthz`, { signal: AbortSignal.timeout(1000) })).ok;
  } catch {
    return false;
  }
}

async function isReady(urls: string[], stream: string | undefined): Promise<boolean> {
  if (stream !== undefined) return (await leaderOf(urls, stream)) !== "";
  return asked(urls, "$JS.API.INFO", isDone, false);
}

function leaderOf(urls: string[], stream: string): Promise<string> {
  return asked(
    urls,
    `$JS.API.STREAM.INFO.${stream}`,
    (answer) => (answer as { cluster?: { leader?: string } }).cluster?.leader ?? "",
    "",
  );
}

async function asked<Result>(
  urls: string[],
  subject: string,
  read: (answer: unknown) => Result,
  otherwise: Result,
): Promise<Result> {
  try {
    const connection = await connect({ servers: urls, reconnect: false, timeout: 500 });
    try {
      return read((await connection.request(subject, "", { timeout: 500 })).json());
    } finally {
      await connection.close();
    }
  } catch {
    return otherwise;
  }
}

function isDone(answer: unknown): boolean {
  return (answer as { error?: object }).error === undefined;
}

/** Deleted now, or by an earlier request whose answer was lost. */
function isGone(answer: unknown): boolean {
  const { error } = answer as { error?: { err_code: number } };
  return error === undefined || error.err_code === 10_059;
}
