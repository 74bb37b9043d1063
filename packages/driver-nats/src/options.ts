import * as v from "valibot";
import { natsUrl } from "./nats-url.ts";

const text = (description: string) => v.optional(v.pipe(v.string(), v.nonEmpty(), v.description(description)));

const whole = (least: number, most = Number.MAX_SAFE_INTEGER) =>
  v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(most));

const fields = v.strictObject({
  servers: v.optional(
    v.pipe(
      v.array(natsUrl),
      v.minLength(1),
      v.description(
        "Servers to choose from: nats://[user[:password]@|token@]host[:port], or tls:// to insist on TLS. Others of their cluster are found by themselves.",
      ),
    ),
    ["nats://127.0.0.1:4222"],
  ),
  username: text("User. Goes before what a server's URL says."),
  password: text("Password of the user."),
  token: text("Token, instead of a user."),
  nkeySeed: text("Seed of an nkey (SU…), instead of a user. A secret."),
  nkeyFile: text("File with the seed of an nkey; read anew for each connection."),
  credentialsFile: text("File with a JWT and its seed, as nsc writes it; read anew for each connection."),
  tls: v.optional(
    v.pipe(
      v.boolean(),
      v.description("Insist on TLS. tls://, tlsCa and tlsCert imply it. A server that offers TLS gets it anyway."),
    ),
    false,
  ),
  tlsCa: text("PEM file of the authorities that may sign the server's certificate. Default: those that Node trusts."),
  tlsCert: text("PEM file of the client's certificate, where the server asks for one. Needs tlsKey."),
  tlsKey: text("PEM file of the client certificate's key."),
  tlsServerName: text(
    "Name that the server's certificate must carry. Default: the host; for an address that a cluster tells, who told it.",
  ),
  store: v.optional(
    v.pipe(
      v.boolean(),
      v.description(
        "Keep the registry in JetStream. Without it NATS carries presence only, and asks for no JetStream.",
      ),
    ),
    true,
  ),
  bucket: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^[A-Za-z0-9_-]{1,100}$/, "expected 1 to 100 letters, digits, - and _"),
      v.description("Key-value bucket that holds the registry; made where it is missing."),
    ),
    "discovery",
  ),
  prefix: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^[A-Za-z0-9_-]{0,100}$/, "expected at most 100 letters, digits, - and _"),
      v.description("Put before the bucket's name. Daemons with another prefix have another registry."),
    ),
    "",
  ),
  replicas: v.optional(
    v.pipe(
      whole(1, 5),
      v.description(
        "Servers of the cluster that keep the bucket when this daemon makes it: 3 survives the loss of one, 5 of two. An existing bucket keeps what it has.",
      ),
    ),
    1,
  ),
  history: v.optional(
    v.pipe(
      whole(1, 64),
      v.description(
        "Changes kept for each key when this daemon makes the bucket. Higher costs disk; a daemon that missed more of them reads everything anew.",
      ),
    ),
    8,
  ),
  deletionsKeptMs: v.optional(
    v.pipe(
      whole(1000, 2 ** 31 - 1),
      v.description(
        "Milliseconds that deletions leave their mark in the bucket. Lower keeps it smaller; a daemon that was away for longer reads everything anew.",
      ),
    ),
    86_400_000,
  ),
  maxBytes: v.optional(
    v.pipe(
      whole(-1),
      v.description("Largest size of a bucket made by this daemon, in bytes. -1: no limit of its own."),
    ),
    -1,
  ),
  requestTimeoutMs: v.optional(
    v.pipe(
      whole(500),
      v.description(
        "Milliseconds that a write is tried for, over reconnects and elections, before it fails. Higher rides out a slower failover and lets callers wait longer.",
      ),
    ),
    5000,
  ),
  linkTimeoutMs: v.optional(
    v.pipe(
      whole(100),
      v.description(
        "Milliseconds without an answer after which the connection counts as lost. Lower notices a frozen server sooner and mistakes a slow one for it.",
      ),
    ),
    2000,
  ),
  pingIntervalMs: v.optional(
    v.pipe(whole(50), v.description("Milliseconds between two questions whether the server still answers.")),
    500,
  ),
});

const IDENTITIES = ["username", "token", "nkeySeed", "nkeyFile", "credentialsFile"] as const;

/** The options that say who the daemon is, of which one is enough. */
function identities(given: v.InferOutput<typeof fields>): readonly string[] {
  return IDENTITIES.filter((option) => given[option] !== undefined);
}

/** The options of the NATS driver. */
export const natsOptions = v.pipe(
  fields,
  v.check(
    (it) => identities(it).length <= 1,
    ({ input }) => {
      const [first = "", second = ""] = identities(input);
      return `${second}: expected nothing, because of \`${first}\``;
    },
  ),
  v.check((it) => it.password === undefined || it.username !== undefined, "username: expected the user of `password`"),
  v.check((it) => it.tlsCert === undefined || it.tlsKey !== undefined, "tlsKey: expected the key of `tlsCert`"),
  v.check((it) => it.tlsKey === undefined || it.tlsCert !== undefined, "tlsCert: expected the certificate of `tlsKey`"),
);

export type NatsOptions = v.InferOutput<typeof natsOptions>;
