import * as v from "valibot";
import { formatListenAddress, listenAddress, listenHost, parseHost, parseListenAddress } from "./listen-address.ts";
import { option } from "./option.ts";
import { boolean, listenPort, text } from "./value-types.ts";

const DEFAULT = { host: "127.0.0.1", port: 1313 };
const EXPORTER_DEFAULT = { host: "localhost", port: 3003 };

export const httpOptions = {
  listen: option({
    flag: "http-listen",
    schema: v.pipe(
      listenAddress,
      v.description(
        "Where the HTTP API listens. An IPv6 address stands in brackets; an empty host is every address, port 0 any free port. " +
          "HOST and PORT each replace their part of it.",
      ),
    ),
    default: {
      told: `${formatListenAddress(DEFAULT)}; ${formatListenAddress(EXPORTER_DEFAULT)} for the exporter`,
      text: ({ command }) => formatListenAddress(command === "exporter" ? EXPORTER_DEFAULT : DEFAULT),
    },
    variables: [
      {
        name: "HOST",
        schema: listenHost,
        into: (below, host) =>
          formatListenAddress({ ...(parseListenAddress(below) ?? DEFAULT), host: parseHost(host) ?? host }),
      },
      {
        name: "PORT",
        schema: listenPort,
        into: (below, port) => formatListenAddress({ ...(parseListenAddress(below) ?? DEFAULT), port: Number(port) }),
      },
    ],
  }),
  insecureListen: option({
    flag: "insecure-listen",
    schema: v.pipe(
      boolean,
      v.description(
        "Lets the API listen on an address that others can reach although no token protects it: whoever reaches it may change labels and the registry, and wipe it.",
      ),
    ),
    default: "false",
  }),
  disableApi: option({
    flag: "disable-api",
    schema: v.pipe(
      boolean,
      v.description(
        "Runs without the HTTP API: the daemon announces its host and runs the callback, and answers nobody.",
      ),
    ),
    default: "false",
    variables: ["DISABLE_API"],
  }),
  token: option({
    flag: "token",
    schema: v.pipe(
      text("TOKEN", "a token that is not empty"),
      v.description("What clients must send as `Authorization: Token <token>`. Without it the API asks for none."),
    ),
    variables: ["TOKEN"],
    secret: "whole",
  }),
};
