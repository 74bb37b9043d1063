import { createConnection, type Socket } from "node:net";
import {
  type Bus,
  type Cancel,
  DiscoveryError,
  type Driver,
  type DriverContext,
  type DriverFactory,
  every,
  isPort,
  LinkMonitor,
  type MessageHandler,
  toError,
} from "@org/discovery-core";
import * as v from "valibot";

/** How often the hub is asked whether it is there, the silence after which it is not, the longest wait before a retry; ms. */
const PING_MS = 500;
const MAX_SILENCE_MS = 2500;
const BACK_OFF_MS = 500;

const hubOptions = v.strictObject({
  host: v.optional(v.pipe(v.string(), v.nonEmpty(), v.description("Host of the hub.")), "127.0.0.1"),
  port: v.optional(v.pipe(v.number(), v.check(isPort, "expected a TCP port"), v.description("Its TCP port.")), 7070),
});

/** One message as a line: `["channel","message"]`. JSON, so that there is no line break in it. */
const LineSchema = v.pipe(v.string(), v.parseJson(), v.tuple([v.string(), v.string()]));

/** A connection to the hub. It has no store: a hub keeps nothing. */
class HubDriver implements Driver {
  readonly name = "hub";
  readonly link: LinkMonitor;
  readonly bus: Bus = {
    reach: "network",
    publish: (channel, message) => this.#publish(channel, message),
    subscribe: (channel, onMessage) => this.#subscribe(channel, onMessage),
  };
  readonly #options: v.InferOutput<typeof hubOptions>;
  readonly #context: DriverContext;
  readonly #subscriptions = new Set<{ readonly channel: string; readonly receive: MessageHandler }>();
  readonly #closing = new AbortController();
  #socket: Socket | undefined;
  #cancelRetry: Cancel = () => {};

  constructor(options: v.InferOutput<typeof hubOptions>, context: DriverContext) {
    this.#options = options;
    this.#context = context;
    this.link = new LinkMonitor(context.clock, MAX_SILENCE_MS);
  }

  async start(signal?: AbortSignal): Promise<void> {
    const { signal: closing } = this.#closing;
    const stop = signal === undefined ? closing : AbortSignal.any([signal, closing]);
    stop.throwIfAborted();
    const first = Promise.withResolvers<void>();
    const cancel = this.link.onChange(() => first.resolve());
    stop.addEventListener("abort", () => first.reject(toError(stop.reason)), { once: true });
    this.#connect();
    try {
      await first.promise;
    } catch (error) {
      await this.close();
      throw error;
    } finally {
      cancel();
    }
  }

  async close(): Promise<void> {
    const closed = new DiscoveryError("unavailable", "driver hub was closed");
    this.#closing.abort(closed);
    this.#subscriptions.clear();
    this.#cancelRetry();
    this.#socket?.destroy();
    this.link.lost(closed);
  }

  #connect(): void {
    const { clock, random } = this.#context;
    const socket = createConnection({ ...this.#options, noDelay: true });
    let answeredAt = clock.monotonic();
    let lost = new Error("the hub closed the connection");
    const cancelPings = every(clock, PING_MS, () => {
      if (clock.monotonic() - answeredAt <= MAX_SILENCE_MS) socket.write("\n");
      else socket.destroy(new Error(`the hub did not answer for ${MAX_SILENCE_MS} ms`));
    });
    this.#socket = socket;
    // The hub sends everything to everybody it has accepted, so its answer means that every subscription is in place.
    socket.write("\n");
    onLines(socket, (line) => {
      if (this.#closing.signal.aborted) return;
      answeredAt = clock.monotonic();
      this.link.proved();
      this.#deliver(line);
    });
    socket.on("error", (error) => (lost = error));
    socket.on("close", () => {
      cancelPings();
      if (this.#closing.signal.aborted) return;
      this.link.lost(lost);
      this.#cancelRetry = clock.after(BACK_OFF_MS * random(), () => this.#connect());
    });
  }

  #publish(channel: string, message: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const fail = (cause: Error | undefined): void =>
        reject(new DiscoveryError("unavailable", `message on ${channel} not sent: no hub`, { cause }));
      if (this.#socket === undefined || this.link.state === "down") fail(this.link.lastError);
      else this.#socket.write(`${JSON.stringify([channel, message])}\n`, (error) => (error ? fail(error) : resolve()));
    });
  }

  async #subscribe(channel: string, receive: MessageHandler): Promise<Cancel> {
    const subscription = { channel, receive };
    this.#subscriptions.add(subscription);
    return () => void this.#subscriptions.delete(subscription);
  }

  #deliver(line: string): void {
    const { success, output } = v.safeParse(LineSchema, line);
    if (!success) return;
    const [channel, message] = output;
    for (const subscription of this.#subscriptions) {
      try {
        if (subscription.channel === channel) subscription.receive(message);
      } catch (error) {
        this.#context.log.error({ channel, err: toError(error) }, "message handler threw; the message is dropped");
      }
    }
  }
}

function onLines(socket: Socket, take: (line: string) => void): void {
  let rest = "";
  socket.setEncoding("utf8").on("data", (chunk: string) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) take(line);
  });
}

/** A driver over a TCP hub: how packets travel, and nothing more. */
export const hubDriver: DriverFactory<typeof hubOptions> = {
  name: "hub",
  options: hubOptions,
  create: (options, context) => new HubDriver(options, context),
};
