import { createServer, type Server, type Socket } from "node:net";
import { realClock, waitUntil } from "@org/discovery-test-servers";
import { afterEach, expect, test } from "vitest";
import { knock } from "../src/knock.ts";
import { natsEndpoint } from "../src/nats-url.ts";

let server: Server | undefined;

afterEach(() => {
  server?.close();
});

/** Something that listens, and what it does with who comes. */
function listen(greet: (socket: Socket) => void): Promise<string> {
  return new Promise((resolve) => {
    server = createServer((socket) => {
      socket.on("error", () => undefined);
      greet(socket);
    });
    server.listen(0, "127.0.0.1", () => {
      const address = server?.address();
      resolve(`127.0.0.1:${typeof address === "object" ? address?.port : ""}`);
    });
  });
}

interface Visit {
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

async function knockAt(address: string, visit: Visit = {}): Promise<{ offersTls: boolean }> {
  const { signal = new AbortController().signal, timeoutMs = 30_000 } = visit;
  return knock(natsEndpoint(address), { clock: realClock, timeoutMs, signal });
}

test("a greeting may come in pieces", async () => {
  const address = await listen((socket) => {
    socket.write('INFO {"server_id":"x","tls_req');
    setTimeout(() => socket.write('uired":true}\r\n'), 50);
  });
  expect(await knockAt(address)).toEqual({ offersTls: true });
});

test("who says nothing is no server; the socket is closed", async () => {
  let closed = 0;
  const address = await listen((socket) => void socket.on("close", () => closed++));
  const reason = { code: "unavailable", message: expect.stringContaining("no answer within 300 ms") };
  await expect(knockAt(address, { timeoutMs: 300 })).rejects.toMatchObject(reason);
  await waitUntil("it is closed", () => closed === 1);
});

test("who says something else, or goodbye, is no server", async () => {
  for (const [greet, reason] of [
    [(socket: Socket) => socket.write("SSH-2.0-OpenSSH\r\n"), /no NATS server/],
    [(socket: Socket) => socket.write("INFO {broken}\r\n"), /no NATS server/],
    [(socket: Socket) => socket.write("x".repeat(100_000)), /no NATS server/],
    [(socket: Socket) => socket.end(), /without a word/],
  ] as const) {
    const address = await listen(greet);
    await expect(knockAt(address)).rejects.toMatchObject({ code: "unavailable", message: reason });
    server?.close();
  }
});

test("it can be cancelled", async () => {
  const address = await listen(() => undefined);
  const abort = new AbortController();
  const knocking = knockAt(address, { signal: abort.signal });
  abort.abort();
  await expect(knocking).rejects.toMatchObject({ message: /closed/ });
  await expect(knockAt(address, { signal: AbortSignal.abort() })).rejects.toMatchObject({ message: /closed/ });
});
