import { DiscoveryError } from "@org/discovery-core";
import { PlanSchema, WipedSchema, type Plan, type PlannedChange, type Wiped, type WipeRequest } from "./messages.ts";
import { Transport } from "./transport.ts";

export interface ClientOptions {
  /** Of a daemon: `host:port`, or a URL of scheme http or https, with a path where a proxy wants one. */
  readonly address: string;
  /** Presented as `Authorization: Bearer`. Default: none. */
  readonly token?: string;
  /** Milliseconds until a request is given up. Default: 15,000. */
  readonly timeoutMs?: number;
  /** Default: the platform's `fetch`. */
  readonly fetch?: typeof fetch;
}

const TIMEOUT_MS = 15_000;
/** What a header can hold. */
const TOKEN = /^[^\p{Cc}]+$/u;
const HAS_SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i;

/**
 * A client of one daemon's HTTP API. Every method rejects with a `DiscoveryError`: the `code` that the daemon gave, `unavailable`
 * where it was not reached, and for a change `outcome_unknown` where the answer was lost.
 */
export class DiscoveryClient {
  /** The daemon's URL, without a slash at its end. */
  readonly address: string;
  readonly #transport: Transport;

  /** Throws `invalid_argument` for an address or a token that is none. */
  constructor({ address, token, timeoutMs = TIMEOUT_MS, fetch = globalThis.fetch.bind(globalThis) }: ClientOptions) {
    this.address = baseOf(address);
    if (token !== undefined && !TOKEN.test(token)) {
      throw new DiscoveryError("invalid_argument", "token: expected text without control characters, got others");
    }
    this.#transport = new Transport({ base: this.address, token, timeoutMs, fetch });
  }

  /** What a change of servers would move; with none, how many services each server has. Changes nothing. */
  plan(change: PlannedChange = {}): Promise<Plan> {
    return this.#transport.send({
      method: "POST",
      path: "/v1/plan",
      body: change,
      answer: PlanSchema,
      isChange: false,
    });
  }

  /** Removes every namespace, server and service, and the history, on all daemons. There is no way back but a backup. */
  wipe({ reason }: WipeRequest = {}): Promise<Wiped> {
    const body = { confirm: "wipe", ...(reason === undefined ? {} : { reason }) };
    return this.#transport.send({ method: "POST", path: "/v1/admin/wipe", body, answer: WipedSchema, isChange: true });
  }
}

function baseOf(address: string): string {
  const url = URL.parse(HAS_SCHEME.test(address) ? address : `http://${address}`);
  const isHttp = url?.protocol === "http:" || url?.protocol === "https:";
  if (url !== null && isHttp && url.username === "" && url.password === "" && url.search === "" && url.hash === "") {
    return `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
  }
  const shown = JSON.stringify(address.replace(/\/\/[^/@]*@/, "//…@").slice(0, 200));
  throw new DiscoveryError("invalid_argument", `address ${shown}: expected host:port, or a URL of http or https`);
}
