import { bracketHost, parseHostPort } from "@org/discovery-core";
import { BlockList, isIP } from "node:net";
import { textValue } from "./value-types.ts";

/** Where to listen. */
export interface ListenAddress {
  /** Without brackets. Empty: every address of the machine. */
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
}

const LISTEN = /^\s*(.*):(\d{1,5})\s*$/;
const MAX_PORT = 65_535;

/** `HOST:PORT` with an IPv6 address in brackets; the host may be empty (`:1313`), the port 0. `undefined` for anything else. */
export function parseListenAddress(text: string): ListenAddress | undefined {
  const [, hostText = "", portText = ""] = LISTEN.exec(text) ?? [];
  const port = portText === "" ? Number.NaN : Number(portText);
  const host = hostText === "" ? "" : parseHost(hostText);
  // An IPv6 address needs its brackets here: the end of `::1:80` could be a port or not.
  const isAmbiguous = host === hostText && hostText.includes(":");
  return host === undefined || isAmbiguous || !(port <= MAX_PORT) ? undefined : { host, port };
}

/** The inverse of `parseListenAddress`. */
export function formatListenAddress({ host, port }: ListenAddress): string {
  return `${bracketHost(host)}:${port}`;
}

/** A host name or IP address, brackets removed; `undefined` for anything else. */
export function parseHost(text: string): string | undefined {
  const parsed = parseHostPort(text.trim());
  return parsed?.port === undefined ? parsed?.host : undefined;
}

/** Whether only this machine can reach a listener on `host`: `localhost`, 127.0.0.0/8, ::1. */
export function isLoopback(host: string): boolean {
  const version = isIP(host);
  if (version === 0) return host.toLowerCase() === "localhost";
  const loopback = new BlockList();
  loopback.addSubnet("127.0.0.0", 8, "ipv4");
  loopback.addAddress("::1", "ipv6");
  return loopback.check(host, version === 4 ? "ipv4" : "ipv6");
}

export const listenAddress = textValue(
  { placeholder: "HOST:PORT", expected: "HOST:PORT, with an IPv6 address in brackets" },
  parseListenAddress,
);

/** The host alone, as lobby's `HOST` gives it. */
export const listenHost = textValue({ placeholder: "HOST", expected: "a host name or IP address" }, parseHost);
