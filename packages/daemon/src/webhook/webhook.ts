import { randomIdentifier, sleep, toError, type Clock, type Log } from "@org/discovery-core";
import { Notifier } from "../callback/notifier.ts";
import type { RunRule } from "../callback/run-schedule.ts";
import type { HostNews, Untold } from "../callback/untold.ts";
import { toDiscovery } from "../http/hosts-json.ts";
import type { KnownHost } from "../http/presence-view.ts";
import { post, type PostOutcome } from "./post.ts";
import { parseRetryAfter, retryDelayMs, verdictOf, type Verdict } from "./retry-policy.ts";
import { signWebhook } from "./signature.ts";

/** How an attempt ended: taken, refused for good, failed or not answered in time (both tried again), or ended with the daemon. */
export type DeliveryResult = Verdict | "timeout" | "aborted";

export interface WebhookOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** As `Math.random`. */
  readonly random: () => number;
  readonly rule: RunRule;
  readonly url: URL;
  /** Its place among the webhooks, from 1, to tell it from another of the same server in the log. */
  readonly number: number;
  /** Each of them signs. Without any, nothing is signed. */
  readonly keys: readonly Buffer[];
  /** Longest time of one attempt, in milliseconds. */
  readonly timeoutMs: number;
  /** As `Untold` wants it. */
  readonly hosts: () => readonly KnownHost[];
  /** Called after each attempt, for the metrics. */
  readonly onDelivery: (result: DeliveryResult) => void;
}

/** What is sent; an attempt that repeats it has the same id, so that the receiver can tell. */
interface Message {
  readonly news: HostNews;
  readonly id: string;
  readonly body: string;
}

/**
 * Tells an HTTP server about every change of the known hosts, one POST at a time, in the form of Standard Webhooks. Tries again
 * until it is taken or refused for good, always with the newest state: what changes meanwhile goes with the next attempt, and
 * nothing queues up. Nothing that the server does reaches the daemon.
 */
export function startWebhook(options: WebhookOptions): Notifier {
  return new Notifier({ ...options, tell: (untold, abort) => deliverOrLog(options, untold, abort) });
}

async function deliverOrLog(options: WebhookOptions, untold: Untold, abort: AbortSignal): Promise<void> {
  try {
    await deliver(options, untold, abort);
  } catch (error) {
    options.log.error({ err: toError(error) }, "webhook was not called");
  }
}

async function deliver(options: WebhookOptions, untold: Untold, abort: AbortSignal): Promise<void> {
  let message: Message | undefined;
  for (let attempt = 1; !abort.aborted; attempt++) {
    const news = untold.latest();
    if (message?.news !== news) message = compose(news, options.random);
    const begun = options.clock.monotonic();
    const outcome = await send(options, message, abort);
    const result = resultOf(outcome);
    if (result === "success") untold.told(news);
    else untold.failed();
    const retryInMs = delayAfter(outcome, attempt, options);
    const durationMs = Math.round(options.clock.monotonic() - begun);
    report(options, outcome, { id: message.id, attempt, changes: news.changes.length, durationMs, retryInMs });
    if (retryInMs === undefined) return;
    // Rejects when aborted, which ends the loop.
    await sleep(options.clock, retryInMs, abort).catch(() => undefined);
  }
}

function compose(news: HostNews, random: () => number): Message {
  const body = JSON.stringify({ changes: news.changes, hosts: news.hosts.map(toDiscovery) });
  return { news, id: `msg_${randomIdentifier(random)}`, body };
}

function send(options: WebhookOptions, { id, body }: Message, abort: AbortSignal): Promise<PostOutcome> {
  const { clock, url, keys, timeoutMs } = options;
  const timestamp = Math.floor(clock.now() / 1000);
  const headers = {
    "content-type": "application/json",
    "user-agent": "discoveryd",
    "webhook-id": id,
    "webhook-timestamp": String(timestamp),
    ...(keys.length > 0 && { "webhook-signature": signWebhook(keys, { id, timestamp, body }) }),
  };
  return post({ clock, url, headers, body, timeoutMs, abort });
}

function resultOf(outcome: PostOutcome): DeliveryResult {
  if (outcome.result === "answered") return verdictOf(outcome.status);
  return outcome.result === "failed" ? "failure" : outcome.result;
}

/** Milliseconds until the next attempt; `undefined` where there is none. */
function delayAfter(outcome: PostOutcome, failures: number, { clock, random }: WebhookOptions): number | undefined {
  const result = resultOf(outcome);
  if (result !== "failure" && result !== "timeout") return undefined;
  const header = outcome.result === "answered" ? outcome.retryAfter : undefined;
  return Math.round(retryDelayMs({ failures, retryAfterMs: parseRetryAfter(header, clock.now()), random }));
}

/** Of the URL only the origin is logged: the rest of it is what keeps others from calling it. */
function report(options: WebhookOptions, outcome: PostOutcome, facts: Readonly<Record<string, unknown>>): void {
  const { log, url, number, onDelivery } = options;
  const result = resultOf(outcome);
  const fields = { webhook: url.origin, number, result, ...facts, ...detailsOf(outcome) };
  if (result === "success") log.debug(fields, "webhook was delivered");
  else log.warn(fields, "webhook was not delivered");
  onDelivery(result);
}

function detailsOf(outcome: PostOutcome): Readonly<Record<string, unknown>> {
  if (outcome.result === "answered") return { status: outcome.status, answer: outcome.text };
  if (outcome.result !== "failed") return {};
  const { message, code } = outcome.error as NodeJS.ErrnoException;
  // Where several addresses were tried in vain, the message is empty. A stack would say nothing more.
  return { error: message === "" ? code : message };
}
