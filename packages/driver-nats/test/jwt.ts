import { createHash } from "node:crypto";
import { nkeys } from "nats";

export interface KeyPair {
  getPublicKey(): string;
  getSeed(): Uint8Array;
  sign(data: Uint8Array): Uint8Array;
}

/** The library passes on its dependency without its types. */
const keys = nkeys as { createOperator(): KeyPair; createAccount(): KeyPair; createUser(): KeyPair };

export function userKey(): KeyPair {
  return keys.createUser();
}

const encoder = new TextEncoder();

/** What a server in operator mode and its user need: an operator, one account with JetStream, and one user of it. */
export interface OperatorMode {
  /** Lines for the server's configuration. */
  readonly config: string;
  /** A credentials file, as nsc writes it. */
  readonly credentials: string;
}

export function operatorMode(): OperatorMode {
  const [operator, system] = [keys.createOperator(), keys.createAccount()];
  const [account, user] = [keys.createAccount(), keys.createUser()];
  const systemKey = system.getPublicKey();
  const operatorJwt = sign(operator, operator.getPublicKey(), { type: "operator", system_account: systemKey });
  const unlimited = { subs: -1, data: -1, payload: -1, imports: -1, exports: -1, wildcards: true, conn: -1, leaf: -1 };
  const storage = { mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 };
  const systemJwt = sign(operator, systemKey, { type: "account", limits: unlimited });
  const accountJwt = sign(operator, account.getPublicKey(), { type: "account", limits: { ...unlimited, ...storage } });
  const userJwt = sign(account, user.getPublicKey(), { type: "user", subs: -1, data: -1, payload: -1 });
  const key = account.getPublicKey();
  return {
    config: `operator: ${operatorJwt}\nresolver: MEMORY\nresolver_preload: { ${key}: ${accountJwt}, ${systemKey}: ${systemJwt} }\n`,
    credentials: [
      ...["-----BEGIN NATS USER JWT-----", userJwt, "------END NATS USER JWT------", ""],
      ...["-----BEGIN USER NKEY SEED-----", seedOf(user), "------END USER NKEY SEED------", ""],
    ].join("\n"),
  };
}

export function seedOf(key: KeyPair): string {
  return new TextDecoder().decode(key.getSeed());
}

function sign(issuer: KeyPair, subject: string, nats: object): string {
  const claims = { iat: 1_700_000_000, iss: issuer.getPublicKey(), sub: subject, nats: { ...nats, version: 2 } };
  const jti = createHash("sha256").update(JSON.stringify(claims)).digest("base64url");
  const body = [
    { typ: "JWT", alg: "ed25519-nkey" },
    { ...claims, jti },
  ]
    .map(encoded)
    .join(".");
  return `${body}.${Buffer.from(issuer.sign(encoder.encode(body))).toString("base64url")}`;
}

function encoded(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString("base64url");
}
