import { expect, test } from "vitest";
import { parseWebhookKey, signWebhook } from "../../src/webhook/signature.ts";

const CONTENT = { id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp: 1_614_265_330, body: '{"test": 2432232314}' };
const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

function keyOf(secret: string): Buffer {
  return parseWebhookKey(secret) ?? Buffer.alloc(0);
}

test("signs the vector that the libraries of Standard Webhooks are tested with", () => {
  expect(signWebhook([keyOf(SECRET)], CONTENT)).toBe("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
});

test("signs with each key, and with a text as it is", () => {
  const [first, second] = signWebhook([keyOf(SECRET), keyOf("a plain text secret")], CONTENT).split(" ");
  expect(first).toBe(signWebhook([keyOf(SECRET)], CONTENT));
  expect(second).toBe(signWebhook([Buffer.from("a plain text secret")], CONTENT));
  expect(second).not.toBe(first);
});

test("takes no key that is short, or no Base64 after the prefix", () => {
  expect(parseWebhookKey("é".repeat(8))).toHaveLength(16);
  for (const secret of [
    "",
    "x".repeat(15),
    "whsec_",
    "whsec_AAAA",
    `${SECRET}=`,
    `${SECRET}A`,
    "whsec_-_-_-_-_-_-_-_-_-_-_-_-_",
  ]) {
    expect(parseWebhookKey(secret), secret).toBeUndefined();
  }
});
