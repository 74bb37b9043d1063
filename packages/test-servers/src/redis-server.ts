import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { ServerProcess, type RestartOptions, type ServerPlace } from "./server-process.ts";

const run = promisify(execFile);

export interface RedisOptions {
  /** More of redis-server's own settings, as on its command line: `["--maxmemory", "10mb"]`. */
  readonly args?: readonly string[];
  /** Password of the default user. */
  readonly password?: string;
  /** PEM files. With them it speaks TLS alone. */
  readonly tls?: { readonly ca: string; readonly cert: string; readonly key: string };
}

export interface RedisServer {
  readonly port: number;
  /** `redis://127.0.0.1:<port>`, `rediss://localhost:<port>` with TLS; without credentials. */
  readonly url: string;
  /** Its working folder, with `appendonlydir` in it. */
  readonly data: string;
  kill(): Promise<void>;
  freeze(): void;
  thaw(): void;
  restart(options?: RestartOptions): Promise<void>;
  stop(): Promise<void>;
  log(): Promise<string>;
  /** Runs redis-cli as the default user; resolves with what it prints, without the last line break. */
  cli(...args: readonly string[]): Promise<string>;
}

/** Starts a redis-server that has in its file whatever it acknowledged, for a SIGKILL to spare. */
export async function startRedis(options: RedisOptions = {}): Promise<RedisServer> {
  const cli = (port: number, args: readonly string[]): Promise<string> => redisCli(port, args, options);
  const server = await ServerProcess.start({
    command: "redis-server",
    args: (place) => settings(place, options),
    answers: async ({ port }, pid) => {
      const info = await cli(port, ["info", "server"]).catch(() => "");
      return info.includes(`process_id:${pid}\r`) && (await cli(port, ["ping"])) === "PONG";
    },
  });
  const { port, data } = server.place;
  return {
    port,
    url: options.tls === undefined ? `redis://127.0.0.1:${port}` : `rediss://localhost:${port}`,
    data,
    kill: () => server.kill(),
    freeze: () => server.freeze(),
    thaw: () => server.thaw(),
    restart: (how) => server.restart(how),
    stop: () => server.stop(),
    log: () => server.log(),
    cli: (...args) => cli(port, args),
  };
}

function settings({ port, data }: ServerPlace, { args = [], password, tls }: RedisOptions): string[] {
  const listen =
    tls === undefined
      ? ["--port", String(port)]
      : ["--port", "0", "--tls-port", String(port), "--tls-cert-file", tls.cert, "--tls-key-file", tls.key];
  return [
    ...listen,
    ...(tls === undefined ? [] : ["--tls-ca-cert-file", tls.ca, "--tls-auth-clients", "no"]),
    ...(password === undefined ? [] : ["--requirepass", password]),
    ...["--bind", "127.0.0.1", "--dir", data, "--save", ""],
    // Written before it is answered: that outlives the process. To outlive the machine as well would cost a wait for its disk.
    ...["--appendonly", "yes", "--appendfsync", "no"],
    // A replica is served at once, and not after five seconds in which others might come.
    ...["--repl-diskless-sync-delay", "0"],
    ...args,
  ];
}

/** How redis-cli gets in. */
type CliOptions = Pick<RedisOptions, "tls" | "password"> & {
  /** Milliseconds after which a server that does not answer is given up. Default: it is waited for. */
  readonly timeoutMs?: number;
};

/** Runs redis-cli against a server on loopback; resolves with what it prints, without the last line break. */
export async function redisCli(port: number, args: readonly string[], options: CliOptions = {}): Promise<string> {
  const tls = options.tls === undefined ? [] : ["--tls", "--cacert", options.tls.ca];
  const env = { ...process.env, ...(options.password === undefined ? {} : { REDISCLI_AUTH: options.password }) };
  const { stdout } = await run("redis-cli", ["-h", "127.0.0.1", "-p", String(port), ...tls, ...args], {
    env,
    timeout: options.timeoutMs ?? 0,
  });
  return stdout.replace(/\n$/, "");
}
