import { Agent, type IncomingHttpHeaders, request, type RequestOptions } from "node:http";

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** As it came, compressed or not. */
  readonly body: Buffer;
  /** Milliseconds from the request to the last byte of the answer. */
  readonly tookMs: number;
}

/** A client that keeps its connections, and leaves what it gets as it is: its own work must not be measured. */
export class HttpClient {
  readonly #port: number;
  readonly #agent = new Agent({ keepAlive: true });

  constructor(port: number) {
    this.#port = port;
  }

  get(path: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.#send({ method: "GET", path, headers });
  }

  post(path: string, body: string): Promise<Answer> {
    return this.#send({ method: "POST", path }, body);
  }

  close(): void {
    this.#agent.destroy();
  }

  #send(options: RequestOptions, body?: string): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const begun = performance.now();
      const sent = request({ host: "127.0.0.1", port: this.#port, agent: this.#agent, ...options }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const { statusCode: status = 0, headers } = response;
          resolve({ status, headers, body: Buffer.concat(chunks), tookMs: performance.now() - begun });
        });
      });
      sent.on("error", reject);
      sent.end(body);
    });
  }
}
