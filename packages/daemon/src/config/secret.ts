import type { GivenText } from "./given.ts";
import { isPlural, listItems } from "./list-items.ts";
import { shapeOf, type Option } from "./option.ts";

const MASK = "****";
const USER_PART = /^([a-z][a-z0-9+.-]*:\/\/)?([^/?#]*)@/i;
const QUERY = /[?#].*$/;
const SECRET_NAME = /pass|secret|token|key|seed|credential|auth/i;
const BEYOND_ORIGIN = /^([a-z][a-z0-9+.-]*:\/\/[^/?#]*)(?:[?#]|\/.).*$/i;

/** The text as it may be shown, secrets masked. A URL keeps its scheme, host, port and, unless that is secret too, path. */
export function maskText(option: Option, text: GivenText): string {
  if (option.secret === "whole") return MASK;
  if (option.secret === "json") return maskJson(textOf(text));
  const parts = option.secret === undefined ? [text].flat() : partsOf(option, text).map(maskUrl);
  return (option.secret === "beyond-origin" ? parts.map(maskPath) : parts).join(",");
}

/** Everything in the text that must never be shown, for the logger to look out for. */
export function secretsIn(option: Option, text: GivenText): readonly string[] {
  if (option.secret === undefined) return [];
  if (option.secret === "json") return namedSecretsIn(textOf(text));
  const parts = partsOf(option, text);
  return option.secret === "whole" ? parts : parts.flatMap(secretsInUrl);
}

function partsOf(option: Option, text: GivenText): readonly string[] {
  const shape = shapeOf(option);
  return isPlural(shape) ? listItems(text, shape) : [text].flat();
}

function textOf(text: GivenText): string {
  return [text].flat().join(",");
}

function maskJson(text: string): string {
  try {
    return maskTexts(JSON.parse(text));
  } catch {
    return MASK;
  }
}

/**
 * A value of JSON as it may be shown. Nobody knows which texts are secret to a driver of somebody else; numbers, switches and
 * names stay.
 */
export function maskTexts(json: unknown): string {
  return JSON.stringify(json, (_name, value: unknown) => (typeof value === "string" ? MASK : value));
}

/** Every text in a value of JSON. */
export function textsIn(json: unknown): readonly string[] {
  const texts: string[] = [];
  JSON.stringify(json, (_name, value: unknown) => {
    if (typeof value === "string") texts.push(value);
    return value;
  });
  return texts;
}

/** The texts whose names say that they are secret: the log would be unreadable without words such as a channel's. */
function namedSecretsIn(text: string): readonly string[] {
  const secrets: string[] = [];
  try {
    JSON.parse(text, (name, value: unknown) => {
      if (typeof value === "string" && SECRET_NAME.test(name)) secrets.push(value);
      return value;
    });
  } catch {
    // Not JSON at all, which is a mistake that shows nothing of it.
  }
  return secrets;
}

function maskUrl(url: string): string {
  return url
    .trim()
    .replace(USER_PART, `$1${MASK}@`)
    .replace(QUERY, (query) => `${query.charAt(0)}${MASK}`);
}

function maskPath(url: string): string {
  return url.replace(BEYOND_ORIGIN, `$1/${MASK}`);
}

function secretsInUrl(url: string): readonly string[] {
  const [, , user = ""] = USER_PART.exec(url.trim()) ?? [];
  const colon = user.indexOf(":");
  // Without a password, the user part of a NATS URL is a token.
  const secret = colon < 0 ? user : user.slice(colon + 1);
  return [...new Set([secret, decoded(secret)])].filter((text) => text !== "");
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
