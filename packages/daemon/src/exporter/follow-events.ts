import { type Clock, DiscoveryError, toError } from "@org/discovery-core";
import { EventStreamReader, type StreamEvent } from "./event-stream.ts";

export interface FollowOptions {
  readonly clock: Clock;
  readonly url: URL;
  readonly token: string | undefined;
  /** Of the last event that was taken, so that the stream goes on from there; empty: none was. */
  readonly lastEventId: string;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** The daemon has answered. `isStale`: it is out of reach of its backend itself. */
  readonly onOpen: (answer: { readonly isStale: boolean }) => void;
  /** Takes an event. Where it throws, the connection is given up, and the event counts as not taken. */
  readonly onEvent: (event: StreamEvent) => void;
  /** All up to this id was taken. */
  readonly onPosition: (lastEventId: string) => void;
}

const ANSWER_MS = 10_000;
/** The daemon says something every 15 s. */
const SILENCE_MS = 40_000;
/** Far more than a registry is. */
const MAX_EVENT_LENGTH = 256 * 1024 * 1024;

/**
 * Follows an event stream over one connection. Resolves when the daemon ends it.
 *
 * @throws DiscoveryError `unavailable` where there is no such stream, it breaks, or is silent for too long.
 */
export async function followEvents(options: FollowOptions): Promise<void> {
  const { clock, signal } = options;
  const limit = new AbortController();
  const within = (ms: number) =>
    clock.after(ms, () => limit.abort(new Error(`the daemon said nothing for ${ms / 1000} s`)));
  let cancel = within(ANSWER_MS);
  try {
    const body = await open(options, AbortSignal.any([limit.signal, signal]));
    const reader = new EventStreamReader(MAX_EVENT_LENGTH);
    const decoder = new TextDecoder();
    for await (const bytes of body) {
      cancel();
      cancel = within(SILENCE_MS);
      for (const event of reader.read(decoder.decode(bytes, { stream: true }))) options.onEvent(event);
      if (reader.lastEventId !== "") options.onPosition(reader.lastEventId);
    }
  } catch (error) {
    throw limit.signal.aborted ? unavailable(options.url, limit.signal.reason) : unavailable(options.url, error);
  } finally {
    cancel();
    limit.abort();
  }
}

async function open(options: FollowOptions, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
  // A redirect would take the token along.
  const response = await fetch(options.url, { headers: headersOf(options), signal, redirect: "error" });
  const type = response.headers.get("Content-Type") ?? "no type";
  if (response.status !== 200) throw new Error(`status ${response.status}: ${await beginningOf(response)}`);
  if (!type.startsWith("text/event-stream")) throw new Error(`expected an event stream, got ${type}`);
  if (response.body === null) throw new Error("expected an event stream, got no body");
  options.onOpen({ isStale: response.headers.has("X-Discovery-Stale") });
  return response.body;
}

function headersOf({ token, lastEventId }: FollowOptions): Record<string, string> {
  const headers: Record<string, string> = { Accept: "text/event-stream" };
  if (lastEventId !== "") headers["Last-Event-ID"] = lastEventId;
  // Header values are bytes; letters beyond Latin-1 go as UTF-8.
  if (token !== undefined) headers["Authorization"] = `Bearer ${Buffer.from(token, "utf8").toString("latin1")}`;
  return headers;
}

const MAX_SHOWN = 200;

async function beginningOf(response: Response): Promise<string> {
  return (await response.text()).slice(0, MAX_SHOWN);
}

function unavailable(url: URL, thrown: unknown): DiscoveryError {
  const error = toError(thrown);
  // `fetch failed` alone says nothing.
  const reason = error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
  return new DiscoveryError("unavailable", `${url.origin}: ${reason}`, { cause: error });
}
