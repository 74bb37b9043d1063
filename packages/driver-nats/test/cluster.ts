import { freePort, startNats, waitUntil, type NatsServer } from "@org/discovery-test-servers";
import { connect } from "nats";

/** Three real servers on loopback, with JetStream. */
export interface Cluster {
  readonly servers: readonly [NatsServer, NatsServer, NatsServer];
  readonly urls: string[];
  /** Deletes a stream. */
  deleteStream(stream: string): Promise<void>;
  /** Resolves when JetStream answers, and where one is named, its stream has a leader. */
  ready(stream?: string): Promise<void>;
  /** Which server leads a stream; -1 for none. */
  leaderOf(stream: string): Promise<number>;
  stop(): Promise<void>;
}

const PATIENCE_MS = 40_000;

export async function startCluster(args: readonly string[] = []): Promise<Cluster> {
  const ports = await Promise.all([freePort(), freePort(), freePort()]);
  const routes = ports.map((port) => `nats://127.0.0.1:${port}`);
  const start = (route: string): Promise<NatsServer> =>
    startNats({ args: ["--cluster_name", "test", "--cluster", route, "--routes", routes.join(","), ...args] });
  const [first = "", second = "", third = ""] = routes;
  const servers = await Promise.all([start(first), start(second), start(third)] as const);
  const urls = servers.map((server) => server.url);
  return {
    servers,
    urls,
    ready: (stream) => waitUntil("JetStream has leaders", () => isReady(urls, stream), PATIENCE_MS),
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
