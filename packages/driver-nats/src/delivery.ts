import type { Msg, MsgHdrs } from "nats";

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** A message of a stream as a consumer delivers it. */
export interface Delivery {
  readonly subject: string;
  readonly headers: MsgHdrs | undefined;
  readonly text: string;
  /** Its place in the stream. */
  readonly sequence: number;
  /** When the server stored it, in nanoseconds of Unix time: tells it from another message at the same place. */
  readonly time: bigint;
  /** Which delivery of this consumer it is, from 1. */
  readonly turn: number;
}

/**
 * Reads the delivery's facts from the reply subject, `$JS.ACK.…`, whose short form has 9 tokens and whose long form, with
 * domain and account, has 11 or more (NATS ADR-15). Undefined where it is neither.
 */
export function deliveryOf(message: Msg): Delivery | undefined {
  const tokens = (message.reply ?? "").split(".");
  if (tokens[0] !== "$JS" || tokens[1] !== "ACK" || tokens.length < 9) return undefined;
  const [sequence, turn, time] = tokens.slice(tokens.length >= 11 ? 7 : 5);
  return {
    subject: message.subject,
    headers: message.headers,
    text: textOf(message.data),
    sequence: Number(sequence),
    turn: Number(turn),
    time: BigInt(time ?? 0),
  };
}

/** UTF-8, with a leading U+FEFF kept: it belongs to the text. */
export function textOf(data: Uint8Array): string {
  return decoder.decode(data);
}

/** The nanoseconds of Unix time that the server writes as RFC 3339, for example `2026-01-01T00:00:00.000000001Z`. */
export function nanoseconds(timestamp: string): bigint {
  const [, seconds = "", fraction = "", zone = "Z"] = /^([^.]*?)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/.exec(timestamp) ?? [];
  const milliseconds = BigInt(Date.parse(seconds + zone));
  return milliseconds * 1_000_000n + BigInt(fraction.padEnd(9, "0").slice(0, 9));
}
