import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { HostChange } from "@org/discovery-core";
import { onTestFinished } from "vitest";

export interface ReceivedRequest {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Answers a request, or does not. */
export type Answer = (response: ServerResponse) => void;

/** Answers with a status and headers. */
export function answer(status: number, headers: Readonly<Record<string, string>> = {}, body = ""): Answer {
  return (response) => void response.writeHead(status, headers).end(body);
}

/** Takes the request and never says anything. */
export const silence: Answer = () => {};

interface Told {
  readonly changes: readonly HostChange[];
  readonly hosts: readonly { readonly hostname: string }[];
}

/** A real HTTP server on loopback that keeps what it receives. Ends with the test. */
export class Receiver {
  readonly requests: ReceivedRequest[] = [];
  /** For each request in turn; the last for all further ones. */
  answers: Answer[] = [answer(204)];
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("error", () => undefined);
      request.on("end", () => {
        const { method, url: path, headers } = request;
        this.requests.push({ method, path, headers, body: Buffer.concat(chunks).toString("utf8") });
        const next = this.answers.length > 1 ? this.answers.shift() : this.answers[0];
        next?.(response);
      });
    });
  }

  /** @param port one that nobody else gets while it does not listen, where it is to listen again; else any. */
  static async start(port = 0): Promise<Receiver> {
    const receiver = new Receiver();
    await receiver.listen(port);
    onTestFinished(() => receiver.stop());
    return receiver;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  url(path = "/"): URL {
    return new URL(path, `http://127.0.0.1:${this.port}`);
  }

  /** What a request told: `a joined, b left: a`. */
  told(index: number): string {
    const { changes, hosts } = JSON.parse(this.requests[index]?.body ?? "{}") as Told;
    const news = changes.map(({ hostname, reason }) => `${hostname} ${reason}`).join(", ");
    return `${news}: ${hosts.map(({ hostname }) => hostname).join(", ")}`;
  }

  /** A header of a request. */
  header(index: number, name: string): string {
    return String(this.requests[index]?.headers[name]);
  }

  listen(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(port, "127.0.0.1", () => {
        this.#server.off("error", reject);
        resolve();
      });
    });
  }

  /** Cuts all connections. Idempotent. */
  stop(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  /** How many connections are open. */
  connections(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
    });
  }
}
