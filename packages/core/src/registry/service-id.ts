import { sha1 } from "@noble/hashes/legacy.js";

/** The DNS namespace of RFC 9562, section 6.6. */
const DNS_NAMESPACE = "6ba7b8109dad11d180b400c04fd430c8";
const UUID_BYTES = 16;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const NAMESPACE = uuidBytes(fromHex(DNS_NAMESPACE), "discovery");

/**
 * The id of the service at an endpoint: UUIDv5 (RFC 9562, section 5.5) of the URL's text as given, in the namespace
 * UUIDv5(DNS, `discovery`), as in the original.
 */
export function serviceId(endpoint: string): string {
  const hex = Array.from(uuidBytes(NAMESPACE, endpoint), (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** Whether a text has the form of a service id: a UUID in lower case. */
export function isServiceId(text: string): boolean {
  return UUID.test(text);
}

function uuidBytes(namespace: Uint8Array, name: string): Uint8Array {
  const text = new TextEncoder().encode(name);
  const input = new Uint8Array(UUID_BYTES + text.length);
  input.set(namespace);
  input.set(text, UUID_BYTES);
  const bytes = sha1(input).slice(0, UUID_BYTES);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes;
}

function fromHex(hex: string): Uint8Array {
  return Uint8Array.from({ length: hex.length / 2 }, (_, index) =>
    Number.parseInt(hex.slice(index * 2, index * 2 + 2), 16),
  );
}
