import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** An HTTP proxy that is every host there is: it answers each scrape itself. */
export interface ScrapeProxy {
  readonly url: string;
  /** The URLs that were asked for so far. */
  readonly scraped: ReadonlySet<string>;
}

/** Starts one for the test that runs. */
export async function scrapeProxy(): Promise<ScrapeProxy> {
  const scraped = new Set<string>();
  const server = createServer((request, response) => {
    scraped.add(request.url ?? "");
    response.writeHead(200, { "Content-Type": "text/plain; version=0.0.4" }).end("answered 1\n");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, scraped };
}
