import * as v from "valibot";
import { option } from "./option.ts";
import { serverUrl } from "./server-url.ts";
import { integer, listOf, path, text, textValue } from "./value-types.ts";

const url = serverUrl({ example: "nats://host:4222", schemes: ["nats:", "tls:"], path: /^\/?$/ });

const subject = textValue({ placeholder: "SUBJECT", expected: "a subject without spaces or wildcards" }, (given) =>
  /^[^\s.*>]+(?:\.[^\s.*>]+)*$/.test(given) ? given : undefined,
);
const bucket = textValue({ placeholder: "NAME", expected: "the name of a bucket: letters, digits, _ and -" }, (given) =>
  /^[A-Za-z0-9_-]+$/.test(given) ? given : undefined,
);

/** How to reach NATS, by the names of the driver's own options. */
export const natsOptions = {
  servers: option({
    flag: "nats-url",
    schema: v.pipe(
      listOf("URL,…", url),
      v.description(
        "URLs of the NATS servers, `tls://` for TLS. Where it is set and --driver is not, the driver is nats.",
      ),
    ),
    default: "",
    variables: ["NATS_URL"],
    secret: "url",
  }),
  channel: option({
    flag: "nats-discovery-channel",
    schema: v.pipe(subject, v.description("Subject of the announcements.")),
    default: "lobby.discovery",
    variables: ["NATS_DISCOVERY_CHANNEL"],
  }),
  username: option({
    flag: "nats-user",
    schema: v.pipe(text("USER", "a user name"), v.description("User to connect as.")),
    variables: ["NATS_USER"],
  }),
  password: option({
    flag: "nats-password",
    schema: v.pipe(text("PASSWORD", "a password that is not empty"), v.description("Password of the user.")),
    variables: ["NATS_PASSWORD"],
    secret: "whole",
  }),
  token: option({
    flag: "nats-token",
    schema: v.pipe(
      text("TOKEN", "a token that is not empty"),
      v.description("Token to connect with, instead of a user."),
    ),
    variables: ["NATS_TOKEN"],
    secret: "whole",
  }),
  credentialsFile: option({
    flag: "nats-creds",
    schema: v.pipe(path, v.description("Credentials file, as `nsc` writes it: a JWT and the key that goes with it.")),
    variables: ["NATS_CREDS"],
  }),
  nkeySeed: option({
    flag: "nats-nkey",
    schema: v.pipe(
      text("SEED", "the seed of an nkey"),
      v.description("Seed of the nkey to sign the server's challenge with."),
    ),
    variables: ["NATS_NKEY"],
    secret: "whole",
  }),
  tlsCa: option({
    flag: "nats-tls-ca",
    schema: v.pipe(path, v.description("PEM file of the authorities that may sign the server's certificate.")),
    variables: ["NATS_TLS_CA"],
  }),
  bucket: option({
    flag: "nats-bucket",
    schema: v.pipe(
      bucket,
      v.description("JetStream key-value bucket that holds the registry. Created where it is missing."),
    ),
    default: "discovery",
    variables: ["NATS_BUCKET"],
  }),
  replicas: option({
    flag: "nats-replicas",
    schema: v.pipe(
      integer({ placeholder: "NUMBER", expected: "a number from 1 to 5", min: 1, max: 5 }),
      v.description(
        "How many servers of a NATS cluster keep the bucket, when it is created. 3 survives the loss of one server.",
      ),
    ),
    default: "1",
    variables: ["NATS_REPLICAS"],
  }),
};
