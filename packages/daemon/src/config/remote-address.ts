import { parseHostPort } from "@org/discovery-core";
import { textValue } from "./value-types.ts";

/** Where to connect to. An IPv6 host stands without its brackets. */
export interface RemoteAddress {
  readonly host: string;
  readonly port: number;
}

/** `HOST` or `HOST:PORT`, an IPv6 address with a port in brackets. */
export function remoteAddress(defaultPort: number) {
  return textValue(
    { placeholder: "HOST:PORT", expected: "HOST or HOST:PORT, an IPv6 address in brackets" },
    (given): RemoteAddress | undefined => {
      const parsed = parseHostPort(given.trim());
      return parsed === undefined ? undefined : { host: parsed.host, port: parsed.port ?? defaultPort };
    },
  );
}
