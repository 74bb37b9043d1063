import { freePort, realClock, waitUntil } from "@org/discovery-test-servers";
import { describe, expect, it } from "vitest";
import { post, type PostOptions, type PostOutcome } from "../../src/webhook/post.ts";
import { answer, Receiver, silence } from "./receiver.ts";

function send(url: URL, options: Partial<PostOptions> = {}): Promise<PostOutcome> {
  const abort = new AbortController().signal;
  const headers = { "content-type": "application/json", "x-test": "1" };
  return post({ clock: realClock, url, headers, body: '{"a":"ä"}', timeoutMs: 5000, abort, ...options });
}

describe("post", () => {
  it("sends the body with its headers, and gives back the status and the beginning of the answer", async () => {
    const receiver = await Receiver.start();
    receiver.answers = [answer(503, { "retry-after": "7" }, "closed for lunch")];
    const outcome = await send(receiver.url("/hook?x=1"));
    expect(outcome).toEqual({ result: "answered", status: 503, retryAfter: "7", text: "closed for lunch" });
    const headers = { "content-type": "application/json", "x-test": "1", "content-length": "10" };
    expect(receiver.requests).toEqual([
      { method: "POST", path: "/hook?x=1", body: '{"a":"ä"}', headers: expect.objectContaining(headers) },
    ]);
  });

  it("leaves no connection behind", async () => {
    const receiver = await Receiver.start();
    await send(receiver.url());
    await waitUntil("the connection is closed", async () => (await receiver.connections()) === 0);
  });

  it("sends the user part of a URL as Basic authentication", async () => {
    const receiver = await Receiver.start();
    const url = receiver.url();
    url.username = "ann";
    url.password = "p:ä ss";
    await send(url);
    const credentials = Buffer.from("ann:p:ä ss").toString("base64");
    expect(receiver.requests[0]?.headers.authorization).toBe(`Basic ${credentials}`);
  });

  it("follows no redirect", async () => {
    const [receiver, other] = [await Receiver.start(), await Receiver.start()];
    for (const status of [301, 302, 303, 307, 308]) {
      receiver.answers = [answer(status, { location: other.url().href })];
      expect(await send(receiver.url())).toMatchObject({ result: "answered", status });
    }
    expect(other.requests).toEqual([]);
  });

  it("gives up on a server that never answers", async () => {
    const receiver = await Receiver.start();
    receiver.answers = [silence];
    expect(await send(receiver.url(), { timeoutMs: 200 })).toEqual({ result: "timeout" });
    await waitUntil("the connection is closed", async () => (await receiver.connections()) === 0);
  });

  it("takes the status of a server that never ends its answer", async () => {
    const receiver = await Receiver.start();
    receiver.answers = [(response) => void response.writeHead(200).write("so far")];
    // Long enough for the status to come although the machine stalls.
    const outcome = await send(receiver.url(), { timeoutMs: 4000 });
    expect(outcome).toMatchObject({ result: "answered", status: 200, text: "so far" });
  });

  it("reads no more than the beginning of an endless answer", async () => {
    const receiver = await Receiver.start();
    let written = 0;
    receiver.answers = [
      (response) => {
        response.writeHead(500);
        const pour = (): void => {
          while (!response.destroyed && response.write("x".repeat(10_000))) written += 10_000;
        };
        response.on("drain", pour);
        pour();
      },
    ];
    const outcome = await send(receiver.url());
    expect(outcome).toMatchObject({ result: "answered", status: 500, text: "x".repeat(1024) });
    await waitUntil("the connection is closed", async () => (await receiver.connections()) === 0);
    expect(written).toBeLessThan(20_000_000);
  });

  it("says what went wrong where nobody listens, or hangs up, or speaks something else", async () => {
    const refused = await send(new URL(`http://127.0.0.1:${await freePort()}/`));
    expect(refused).toMatchObject({ result: "failed", error: { code: "ECONNREFUSED" } });
    const receiver = await Receiver.start();
    receiver.answers = [(response) => void response.destroy()];
    expect(await send(receiver.url())).toMatchObject({ result: "failed", error: { code: "ECONNRESET" } });
    receiver.answers = [(response) => void response.socket?.end("+PONG\r\n")];
    expect(await send(receiver.url())).toMatchObject({ result: "failed" });
    const upgrade = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n";
    receiver.answers = [(response) => void response.socket?.write(upgrade)];
    expect(await send(receiver.url())).toMatchObject({ result: "failed" });
    const tls = new URL(`https://127.0.0.1:${receiver.port}/`);
    expect(await send(tls)).toMatchObject({ result: "failed" });
  });

  it("ends early when told, before and while it runs", async () => {
    const receiver = await Receiver.start();
    receiver.answers = [silence];
    const abort = new AbortController();
    const sending = send(receiver.url(), { abort: abort.signal });
    await waitUntil("it was sent", () => receiver.requests.length === 1);
    abort.abort();
    expect(await sending).toEqual({ result: "aborted" });
    expect(await send(receiver.url(), { abort: abort.signal })).toEqual({ result: "aborted" });
  });
});
