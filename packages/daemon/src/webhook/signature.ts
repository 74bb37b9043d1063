import { createHmac } from "node:crypto";

/** What a signature is over, besides the key. */
export interface SignedContent {
  readonly id: string;
  /** Whole Unix seconds. */
  readonly timestamp: number;
  readonly body: string;
}

const PREFIX = "whsec_";
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const MIN_KEY_BYTES = 16;

/**
 * The bytes of a secret: `whsec_` and Base64, as Standard Webhooks has it, else the text itself as UTF-8.
 * `undefined` for less than 16 bytes, or what is no Base64 after the prefix.
 */
export function parseWebhookKey(secret: string): Buffer | undefined {
  const encoded = secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : undefined;
  if (encoded !== undefined && !BASE64.test(encoded)) return undefined;
  const key = encoded === undefined ? Buffer.from(secret, "utf8") : Buffer.from(encoded, "base64");
  return key.length < MIN_KEY_BYTES ? undefined : key;
}

/**
 * The value of `webhook-signature`: one `v1,<Base64 of HMAC-SHA256>` per key over `id.timestamp.body`, separated by spaces.
 *
 * @see Standard Webhooks 1.0.0, "Webhook metadata" and "Signature scheme".
 */
export function signWebhook(keys: readonly Buffer[], { id, timestamp, body }: SignedContent): string {
  const content = `${id}.${timestamp}.${body}`;
  return keys.map((key) => `v1,${createHmac("sha256", key).update(content).digest("base64")}`).join(" ");
}
