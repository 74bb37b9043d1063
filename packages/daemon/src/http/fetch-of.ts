import type { Context } from "hono";
import type { Fetch } from "../scrapers/scraper-ledger.ts";
import { remoteAddress } from "./remote-address.ts";

/** In which Prometheus says how often it asks, in seconds. */
const INTERVAL = "X-Prometheus-Refresh-Interval-Seconds";

/** What a request says of who fetches a list: its address, and where it is a Prometheus how often it does. */
export function fetchOf(c: Context): Pick<Fetch, "remote" | "intervalSeconds"> {
  const remote = remoteAddress(c);
  const seconds = Number(c.req.header(INTERVAL) ?? "");
  return {
    ...(remote === undefined ? {} : { remote }),
    ...(Number.isFinite(seconds) && seconds > 0 ? { intervalSeconds: seconds } : {}),
  };
}
