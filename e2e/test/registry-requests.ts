import type { Discoveryd } from "./discoveryd.ts";

/** Sends a body as JSON, or as it is where it is text; resolves with the JSON of an answer of 200. */
export async function send<Body = unknown>(
  daemon: Discoveryd,
  request: `${"GET" | "POST" | "PUT" | "DELETE"} ${string}`,
  body?: object | string,
): Promise<Body> {
  const { status, text } = await answer(daemon, request, body);
  if (status !== 200) throw new Error(`${request}: ${status} ${text}`);
  return JSON.parse(text) as Body;
}

/** As `send`, for an answer of any status. */
export async function answer(
  daemon: Discoveryd,
  request: string,
  body?: object | string,
): Promise<{ readonly status: number; readonly text: string }> {
  const [method = "GET", path = "/"] = request.split(" ");
  const text = typeof body === "object" ? JSON.stringify(body) : body;
  const response = await daemon.fetch(path, {
    method,
    headers: { Accept: "application/json" },
    signal: AbortSignal.timeout(15_000),
    ...(text === undefined ? {} : { body: text }),
  });
  return { status: response.status, text: await response.text() };
}
