import * as v from "valibot";
import { parseWebhookKey } from "../webhook/signature.ts";
import { option } from "./option.ts";
import { duration, listOf, textValue } from "./value-types.ts";

const url = textValue({ placeholder: "URL", expected: "a URL such as https://host/path" }, (given): URL | undefined => {
  // A URL would take white space, and hide that somebody put it between two of them.
  const parsed = /\s/.test(given) ? null : URL.parse(given);
  const isHttp = parsed?.protocol === "https:" || parsed?.protocol === "http:";
  return parsed !== null && isHttp && isDecodable(`${parsed.username}:${parsed.password}`) ? parsed : undefined;
});

const key = textValue(
  { placeholder: "SECRET", expected: "whsec_ and Base64 of at least 16 bytes, or a text of at least 16 bytes" },
  parseWebhookKey,
);

export const webhookOptions = {
  urls: option({
    flag: "webhook",
    schema: v.pipe(
      listOf("URL,…", url),
      v.description(
        "URLs to send all known hosts and what changed to, by HTTP POST, after they changed. When is told under Callback. " +
          "A comma within a URL is written %2C.",
      ),
    ),
    default: "",
    variables: ["WEBHOOK"],
    secret: "beyond-origin",
  }),
  keys: option({
    flag: "webhook-secret",
    schema: v.pipe(
      listOf("SECRET,…", key),
      v.description(
        "Signs what is sent, in the way of Standard Webhooks. whsec_ and Base64, or any text of at least 16 bytes. " +
          "With several, each signs, so that a secret can be exchanged.",
      ),
    ),
    default: "",
    variables: ["WEBHOOK_SECRET"],
    secret: "whole",
  }),
  timeoutMs: option({
    flag: "webhook-timeout",
    schema: v.pipe(
      duration({ minMs: 1 }),
      v.description("An attempt that is not answered within that time has failed."),
    ),
    default: "10",
    variables: ["WEBHOOK_TIMEOUT"],
  }),
};

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
