import { freePort, type NatsServer, type RedisServer, startNats, startRedis } from "@org/discovery-test-servers";

/** What a server has counted since it started. */
export interface Counters {
  /** Messages published. */
  readonly messagesIn: number;
  /** Redis: all that came over the network. NATS: the messages' content. */
  readonly bytesIn: number;
  /** The same of what was sent to subscribers. */
  readonly bytesOut: number;
  /** Who is connected at this moment. */
  readonly clients: number;
}

/** A real server of its own for one cell. */
export interface Backend {
  readonly url: string;
  counters(): Promise<Counters>;
  stop(): Promise<void>;
}

/** Starts a redis-server or nats-server. */
export async function startBackend(kind: "redis" | "nats"): Promise<Backend> {
  if (kind === "redis") return redisBackend(await startRedis());
  const port = await freePort();
  return natsBackend(await startNats({ jetStream: false, args: ["--http_port", String(port)] }), port);
}

function redisBackend(server: RedisServer): Backend {
  return {
    url: server.url,
    stop: () => server.stop(),
    counters: async () => {
      const info = await server.cli("info", "clients", "stats", "commandstats");
      const read = (pattern: RegExp): number => Number(pattern.exec(info)?.[1] ?? 0);
      return {
        messagesIn: read(/^cmdstat_publish:calls=(\d+)/m),
        bytesIn: read(/^total_net_input_bytes:(\d+)/m),
        bytesOut: read(/^total_net_output_bytes:(\d+)/m),
        clients: read(/^connected_clients:(\d+)/m),
      };
    },
  };
}

interface Varz {
  readonly in_msgs: number;
  readonly in_bytes: number;
  readonly out_bytes: number;
  readonly connections: number;
}

function natsBackend(server: NatsServer, monitorPort: number): Backend {
  return {
    url: server.url,
    stop: () => server.stop(),
    counters: async () => {
      const varz = (await (await fetch(`http://127.0.0.1:${monitorPort}/varz`)).json()) as Varz;
      const { in_msgs: messagesIn, in_bytes: bytesIn, out_bytes: bytesOut, connections: clients } = varz;
      return { messagesIn, bytesIn, bytesOut, clients };
    },
  };
}
