import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { waitUntil } from "@org/discovery-test-servers";
import { onTestFinished } from "vitest";

/** How the next connections are answered: with a stream, or refused. */
export interface AnswerPlan {
  status?: number;
  headers?: Readonly<Record<string, string>>;
}

/** A daemon's event stream, spoken by the test. */
export class EventServer {
  readonly requests: { readonly url: string; readonly headers: IncomingHttpHeaders }[] = [];
  plan: AnswerPlan = {};
  readonly #server = createServer((request, response) => this.#answer(request.url ?? "", request.headers, response));
  #streams: ServerResponse[] = [];

  static async start(): Promise<EventServer> {
    const server = new EventServer();
    server.#server.listen(0, "127.0.0.1");
    await once(server.#server, "listening");
    onTestFinished(() => {
      server.drop();
      server.#server.close();
    });
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  /** Sends to every stream, once there is one. */
  async send(text: string): Promise<void> {
    await waitUntil("somebody follows", () => this.#streams.length > 0);
    for (const stream of this.#streams) stream.write(text);
  }

  event(type: string, data: unknown, id = ""): Promise<void> {
    return this.send(`event: ${type}\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  /** Cuts every connection. */
  drop(): void {
    for (const stream of this.#streams) stream.destroy();
    this.#streams = [];
  }

  #answer(url: string, headers: IncomingHttpHeaders, response: ServerResponse): void {
    this.requests.push({ url, headers });
    const { status = 200, headers: more = {} } = this.plan;
    response.writeHead(status, { "Content-Type": status === 200 ? "text/event-stream" : "text/plain", ...more });
    if (status !== 200) {
      response.end("not now");
      return;
    }
    response.write("retry: 1000\n\n");
    this.#streams.push(response);
    response.once("close", () => (this.#streams = this.#streams.filter((stream) => stream !== response)));
  }
}
