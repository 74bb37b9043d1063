import { createSocket } from "node:dgram";
import { createServer } from "node:net";

/** Below the kernel's range for outgoing connections, so that no client takes the port while its server is down. */
const LOWEST = 15_000;
const HIGHEST = 31_999;
const ATTEMPTS = 100;

/**
 * A loopback TCP port that nobody listens on at this moment, and that nobody else gets from this function for as long as this
 * process lives: while its server is killed, no other test's server may take its place. A process that does not ask here may
 * still take it: try again then.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST + 1));
    if ((await isFree(port)) && (await reserve(port))) return port;
  }
  throw new Error(`no free loopback port between ${LOWEST} and ${HIGHEST} in ${ATTEMPTS} attempts`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
}

/** By the UDP port of that number, which is in no TCP server's way and is given back by the kernel when this process ends. */
function reserve(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const reservation = createSocket("udp4");
    reservation.once("error", () => resolve(false));
    reservation.bind({ port, address: "127.0.0.1", exclusive: true }, () => {
      reservation.unref();
      resolve(true);
    });
  });
}
