import { DiscoveryError, toError } from "@org/discovery-core";
import * as v from "valibot";
import { problemOf, unclear } from "./problem.ts";

export interface TransportOptions {
  /** Ends without a slash. */
  readonly base: string;
  readonly token: string | undefined;
  readonly timeoutMs: number;
  readonly fetch: typeof fetch;
}

export interface Call<Answer> {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** With its leading slash. */
  readonly path: string;
  readonly body?: object;
  readonly answer: v.GenericSchema<unknown, Answer>;
  /** Whether it changes something, so that a lost answer leaves open whether it did. */
  readonly isChange: boolean;
}

/** Failures to connect, by the `code` that Node and Bun give them, certificates that are not believed among them: the request was never sent. */
const NEVER_SENT = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ConnectionRefused",
  "UND_ERR_CONNECT_TIMEOUT",
  "CERT_HAS_EXPIRED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "ERR_TLS_CERT_ALTNAME_INVALID",
]);

/** Sends requests and reads answers. What goes wrong is a `DiscoveryError`. */
export class Transport {
  readonly #options: TransportOptions;

  constructor(options: TransportOptions) {
    this.#options = options;
  }

  async send<Answer>(call: Call<Answer>): Promise<Answer> {
    const response = await this.#fetch(call);
    if (!response.ok) throw await problemOf(response, call.isChange);
    const parsed = v.safeParse(call.answer, await readJson(response));
    if (parsed.success) return parsed.output;
    const place = v.getDotPath(parsed.issues[0]) ?? "the body";
    const message = `${this.#options.base}${call.path}: its answer is none of discovery's (${place}: ${parsed.issues[0].message})`;
    throw new DiscoveryError(unclear(call.isChange), message);
  }

  async #fetch({ method, path, body, isChange }: Call<unknown>): Promise<Response> {
    const { base, token, timeoutMs, fetch } = this.#options;
    try {
      return await fetch(`${base}${path}`, {
        method,
        headers: {
          Accept: "application/json",
          ...(body === undefined ? {} : { "Content-Type": "application/json" }),
          ...(token === undefined ? {} : { Authorization: bearer(token) }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        // A redirect would carry the token elsewhere.
        redirect: "error",
        signal: AbortSignal.timeout(timeoutMs),
      });
    } catch (error) {
      const cause = toError(error);
      const code = wasNeverSent(cause) ? "unavailable" : unclear(isChange);
      throw new DiscoveryError(code, `${base}: ${explain(cause, timeoutMs)}`, { cause });
    }
  }
}

/** Header values are bytes, which `fetch` takes as Latin-1: letters beyond ASCII go as UTF-8, as the daemon compares them. */
function bearer(token: string): string {
  return `Bearer ${String.fromCharCode(...new TextEncoder().encode(token))}`;
}

async function readJson(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    return undefined;
  }
}

function wasNeverSent(error: Error): boolean {
  return NEVER_SENT.has(codeOf(error) ?? codeOf(error.cause) ?? "");
}

function codeOf(error: unknown): string | undefined {
  const hasCode = typeof error === "object" && error !== null && "code" in error && typeof error.code === "string";
  return hasCode ? (error.code as string) : undefined;
}

/** `fetch` says "fetch failed" and keeps the reason in the cause. */
function explain(error: Error, timeoutMs: number): string {
  if (error.name === "TimeoutError") return `no answer within ${timeoutMs / 1000} s`;
  const { cause } = error;
  const why = cause instanceof Error && cause.message !== "" ? cause.message : (codeOf(cause) ?? error.message);
  return `not reached: ${why}`;
}
