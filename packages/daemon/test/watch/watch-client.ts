import { onTestFinished } from "vitest";

/** A server-sent event, its data parsed; of a comment only the text. */
export interface SeenEvent {
  readonly event?: string;
  readonly id?: string;
  readonly data?: unknown;
  readonly comment?: string;
}

/** Reads a stream of events one at a time. */
export class WatchClient {
  readonly status: number;
  readonly #response: Response;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  readonly #stop: AbortController;
  readonly #decoder = new TextDecoder();
  #text = "";

  private constructor(response: Response, stop: AbortController) {
    this.status = response.status;
    this.#response = response;
    this.#stop = stop;
    const isStream = response.headers.get("Content-Type")?.startsWith("text/event-stream") ?? false;
    this.#reader = isStream ? response.body?.getReader() : undefined;
  }

  static async open(url: string, lastEventId?: string): Promise<WatchClient> {
    const stop = new AbortController();
    onTestFinished(() => stop.abort());
    const headers = lastEventId === undefined ? {} : { "Last-Event-ID": lastEventId };
    return new WatchClient(await fetch(url, { headers, signal: stop.signal }), stop);
  }

  /** What was answered instead of a stream. */
  text(): Promise<string> {
    return this.#response.text();
  }

  /** The next event or comment; `undefined` at the end of the stream. */
  async next(): Promise<SeenEvent | undefined> {
    for (;;) {
      const end = this.#text.indexOf("\n\n");
      if (end !== -1) {
        const block = this.#text.slice(0, end);
        this.#text = this.#text.slice(end + 2);
        if (block.startsWith("retry:")) continue;
        return parse(block);
      }
      const part = await this.#reader?.read();
      if (part === undefined || part.done) return undefined;
      this.#text += this.#decoder.decode(part.value, { stream: true });
    }
  }

  close(): void {
    this.#stop.abort();
  }
}

function parse(block: string): SeenEvent {
  const fields = new Map(
    block.split("\n").map((line): [string, string] => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon), line.slice(colon + 1).trimStart()];
    }),
  );
  const comment = fields.get("");
  if (comment !== undefined) return { comment };
  const [event = "message", id = "", data = "null"] = ["event", "id", "data"].map((name) => fields.get(name));
  return { event, id, data: JSON.parse(data) };
}
