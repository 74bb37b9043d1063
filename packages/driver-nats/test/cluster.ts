import { sleep } from "@org/discovery-core";
import { freePort, realClock, startNats, waitUntil, type NatsServer } from "@org/discovery-test-servers";
import { connect } from "nats";

/** Three real servers on loopback, with JetStream. */
export interface Cluster {
  readonly servers: readonly [NatsServer, NatsServer, NatsServer];
  readonly urls: string[];
  /** Deletes a stream, if there is one. */
  deleteStream(stream: string): Promise<void>;
  /** Resolves when all three are up and follow one leader, and the stream that is named has one too, if there is such a stream. */
  ready(stream?: string): Promise<void>;
  /** Resolves when all three have everything that is in a stream. */
  level(stream: string): Promise<void>;
  /** Which server leads a stream; -1 for none. */
  leaderOf(stream: string): Promise<number>;
  stop(): Promise<void>;
}

/** Some elections, each of up to 9 s and some of them without a result, on a machine that is slow. */
const PATIENCE_MS = 90_000;
/** They are asked one after the other, but not all the time. */
const PAUSE_MS = 50;
/** Nobody answers what is asked while there is no leader. */
const ANSWER_MS = 1000;

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
  return {
    servers,
    urls,
    ready: async (stream) => {
      const areHealthy = async (): Promise<boolean> => (await Promise.all(monitors.map(isHealthy))).every(Boolean);
      await waitUntil("every server is healthy", seldom(areHealthy), PATIENCE_MS);
      await waitUntil(
        "JetStream has leaders",
        seldom(() => isLed(urls, stream)),
        PATIENCE_MS,
      );
    },
    level: async (stream) => {
      const isLevel = (): Promise<boolean> => asked(urls, `$JS.API.STREAM.INFO.${stream}`, areCurrent, false);
      await waitUntil("all have the stream", seldom(isLevel), PATIENCE_MS);
    },
    deleteStream: async (stream) => {
      const isDeleted = (): Promise<boolean> => asked(urls, `$JS.API.STREAM.DELETE.${stream}`, isDoneOrMissing, false);
      await waitUntil(`${stream} is deleted`, seldom(isDeleted), PATIENCE_MS);
    },
    leaderOf: async (stream) => {
      const name = await leaderOf(urls, stream);
      const logs = await Promise.all(servers.map((server) => server.log()));
      return logs.findIndex((log) => name !== "" && new RegExp(`Name: +${name}\\b`).test(log));
    },
    stop: async () => void (await Promise.all(servers.map((server) => server.stop()))),
  };
}

/**
 * Whether a server knows all that JetStream's leader does. What it has of each stream and consumer is not asked: of those that went while it
 * was away 2.9 says for ever that they are missing.
 */
async function isHealthy(monitor: number): Promise<boolean> {
  try {
    return (
      await fetch(`http://127.0.0.1:${monitor}/healthz?js-server-only=true`, { signal: AbortSignal.timeout(1000) })
    ).ok;
  } catch {
    return false;
  }
}

function seldom(condition: () => Promise<boolean>): () => Promise<boolean> {
  return async () => (await condition()) || (await sleep(realClock, PAUSE_MS), false);
}

async function isLed(urls: string[], stream: string | undefined): Promise<boolean> {
  if (stream === undefined) return asked(urls, "$JS.API.INFO", ({ error }) => error === undefined, false);
  return (await leaderOf(urls, stream)) !== "" || asked(urls, `$JS.API.STREAM.INFO.${stream}`, isMissing, false);
}

function leaderOf(urls: string[], stream: string): Promise<string> {
  return asked(urls, `$JS.API.STREAM.INFO.${stream}`, ({ cluster }) => cluster?.leader ?? "", "");
}

interface Answer {
  readonly error?: { readonly err_code: number };
  readonly cluster?: { readonly leader?: string; readonly replicas?: readonly { readonly current: boolean }[] };
}

async function asked<Result>(
  urls: string[],
  subject: string,
  read: (answer: Answer) => Result,
  otherwise: Result,
): Promise<Result> {
  try {
    const connection = await connect({ servers: urls, reconnect: false, timeout: ANSWER_MS });
    try {
      return read((await connection.request(subject, "", { timeout: ANSWER_MS })).json<Answer>());
    } finally {
      await connection.close();
    }
  } catch {
    return otherwise;
  }
}

function areCurrent({ cluster }: Answer): boolean {
  const { leader = "", replicas = [] } = cluster ?? {};
  return leader !== "" && replicas.length === 2 && replicas.every(({ current }) => current);
}

function isMissing({ error }: Answer): boolean {
  return error?.err_code === 10_059;
}

/** Done now, or by an earlier request whose answer was lost. */
function isDoneOrMissing(answer: Answer): boolean {
  return answer.error === undefined || isMissing(answer);
}
