import { connect } from "node:net";
import { ServerProcess, type RestartOptions } from "./server-process.ts";

export interface NatsOptions {
  /** JetStream, kept in the server's folder. Default true. */
  readonly jetStream?: boolean;
  /** More of nats-server's own flags: `["--auth", "secret"]`, `["--config", file]`. */
  readonly args?: readonly string[];
}

export interface NatsServer {
  readonly port: number;
  /** `nats://127.0.0.1:<port>`, without credentials. */
  readonly url: string;
  readonly data: string;
  kill(): Promise<void>;
  freeze(): void;
  thaw(): void;
  restart(options?: RestartOptions): Promise<void>;
  stop(): Promise<void>;
  log(): Promise<string>;
  /** Resolves when it has greeted a new connection, or can't. */
  answers(): Promise<unknown>;
}

/** Starts a nats-server, with JetStream unless told otherwise. */
export async function startNats(options: NatsOptions = {}): Promise<NatsServer> {
  const { jetStream = true, args = [] } = options;
  const name = `test-${process.pid}-${Math.random().toString(36).slice(2)}`;
  const server = await ServerProcess.start({
    command: "nats-server",
    args: ({ port, data }) => [
      ...["--addr", "127.0.0.1", "--port", String(port), "--name", name],
      ...(jetStream ? ["--jetstream", "--store_dir", data] : []),
      ...args,
    ],
    answers: async ({ port }) => (await greeting(port)).includes(`"server_name":"${name}"`),
  });
  const { port, data } = server.place;
  return {
    port,
    url: `nats://127.0.0.1:${port}`,
    data,
    kill: () => server.kill(),
    freeze: () => server.freeze(),
    thaw: () => server.thaw(),
    restart: (how) => server.restart(how),
    stop: () => server.stop(),
    log: () => server.log(),
    answers: () => greeting(port),
  };
}

/** The INFO line that a nats-server sends to whoever connects; empty where nobody listens. */
function greeting(port: number): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    const socket = connect({ host: "127.0.0.1", port, timeout: 1000 });
    const finish = (): void => {
      socket.destroy();
      resolve(text);
    };
    socket.on("data", (chunk) => {
      text += chunk.toString("utf8");
      if (text.includes("\r\n")) finish();
    });
    socket.on("error", finish);
    socket.on("timeout", finish);
    socket.on("close", finish);
  });
}
