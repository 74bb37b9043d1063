import {
  DiscoveryError,
  isDiscoveryError,
  randomIdentifier,
  sleep,
  toError,
  type DriverContext,
} from "@org/discovery-core";
import { ErrorCode, NatsError, headers, type Msg, type MsgHdrs, type PubAck } from "nats";
import type { Connection } from "./connection.ts";
import { JetStreamCode, describe } from "./jetstream-failure.ts";
import type { Session } from "./session.ts";

/** One message for the bucket. */
export interface Write {
  readonly subject: string;
  readonly text: string;
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * Only if the last message of the whole stream has this sequence number, above 0. This is the one condition that a cluster keeps: of
   * those on a subject's last message, servers before 2.10 check only 0 in the order of the log, and let concurrent writes pass.
   */
  readonly ifStreamAt?: number;
  /** Only if there is no message on this subject. */
  readonly ifSubjectAt?: 0;
}

type Attempt =
  | { readonly kind: "written"; readonly sequence: number }
  | { readonly kind: "refused"; readonly error: DiscoveryError }
  /** Not written, but may be next time. */
  | { readonly kind: "not now"; readonly error: Error }
  /** Nobody knows. */
  | { readonly kind: "silence"; readonly error: Error };

const ATTEMPT_MS = 2000;
const PAUSE_MS = 100;
const encoder = new TextEncoder();
const ID_HEADER = "Nats-Msg-Id";

/**
 * Writes with acknowledgement. Tries again over reconnects and elections until the time is up; the server knows a message that
 * it already has by its id, so that trying again never writes twice.
 */
export class Publisher {
  readonly #connection: Connection;
  readonly #context: DriverContext;
  readonly #timeoutMs: number;

  constructor(connection: Connection, context: DriverContext, timeoutMs: number) {
    this.#connection = connection;
    this.#context = context;
    this.#timeoutMs = timeoutMs;
  }

  /**
   * Resolves with the message's sequence number once the bucket has it. Fails with `revision_conflict` where a condition does
   * not hold, `invalid_argument` where it is too large for the server, `unavailable` (not written) or `outcome_unknown`.
   *
   * @param deadline monotonic milliseconds until which it is tried.
   */
  async publish(write: Write, deadline = this.#context.clock.monotonic() + this.#timeoutMs): Promise<number> {
    const { clock } = this.#context;
    const id = randomIdentifier(this.#context.random) + randomIdentifier(this.#context.random);
    let session: Session | undefined = this.#connection.required();
    for (let mayBeThere = false; ; session = this.#connection.current) {
      const remaining = deadline - clock.monotonic();
      const attempt = await this.#attempt(session, write, { id, timeoutMs: Math.min(ATTEMPT_MS, remaining) });
      if (attempt.kind === "written") return attempt.sequence;
      if (attempt.kind === "refused") throw attempt.error;
      mayBeThere ||= attempt.kind === "silence";
      if (clock.monotonic() + PAUSE_MS >= deadline) throw givenUp(attempt.error, mayBeThere);
      await sleep(clock, PAUSE_MS);
    }
  }

  /** The same; false where a condition does not hold, because somebody else was first. */
  async publishFirst(write: Write): Promise<boolean> {
    try {
      await this.publish(write);
      return true;
    } catch (error) {
      if (isDiscoveryError(error, "revision_conflict")) return false;
      throw error;
    }
  }

  async #attempt(
    session: Session | undefined,
    write: Write,
    { id, timeoutMs }: { readonly id: string; readonly timeoutMs: number },
  ): Promise<Attempt> {
    const { lastError } = this.#connection.link;
    if (session === undefined) return { kind: "not now", error: lastError ?? new Error("not connected") };
    try {
      const timeout = Math.max(1, Math.ceil(timeoutMs));
      const options = { timeout, headers: headersOf(write, id) };
      return outcome(await session.nats.request(write.subject, encoder.encode(write.text), options), write);
    } catch (error) {
      const code = error instanceof NatsError ? error.code : "";
      if (code === ErrorCode.MaxPayloadExceeded) return { kind: "refused", error: tooLarge(write, session) };
      const isSure = code === ErrorCode.NoResponders || code === ErrorCode.ConnectionClosed;
      return { kind: isSure ? "not now" : "silence", error: toError(error) };
    }
  }
}

function headersOf(write: Write, id: string): MsgHdrs {
  const header = headers();
  header.set(ID_HEADER, id);
  for (const [name, value] of Object.entries(write.headers ?? {})) header.set(name, value);
  if (write.ifSubjectAt !== undefined) header.set("Nats-Expected-Last-Subject-Sequence", String(write.ifSubjectAt));
  if (write.ifStreamAt !== undefined) header.set("Nats-Expected-Last-Sequence", String(write.ifStreamAt));
  return header;
}

function outcome(answer: Msg, write: Write): Attempt {
  const { error, seq } = answer.json<Partial<PubAck> & { error?: { err_code: number; description: string } }>();
  if (error === undefined) {
    return seq === undefined
      ? { kind: "silence", error: new Error("JetStream's answer makes no sense") }
      : { kind: "written", sequence: seq };
  }
  const said = `${error.description} (${error.err_code})`;
  switch (error.err_code) {
    case JetStreamCode.wrongLastSequence:
      return { kind: "refused", error: new DiscoveryError("revision_conflict", `somebody else was first: ${said}`) };
    case JetStreamCode.messageTooLarge:
      return { kind: "refused", error: new DiscoveryError("invalid_argument", `${write.subject}: ${said}`) };
    case JetStreamCode.systemUnavailable:
      return { kind: "not now", error: new Error(said) };
    default:
      return { kind: "refused", error: new DiscoveryError("unavailable", `JetStream did not take the write: ${said}`) };
  }
}

function givenUp(error: Error, mayBeThere: boolean): DiscoveryError {
  return mayBeThere
    ? new DiscoveryError("outcome_unknown", `the write may have been made or not: ${describe(error)}`, { cause: error })
    : new DiscoveryError("unavailable", `not written: ${describe(error)}`, { cause: error });
}

function tooLarge({ subject, text }: Write, { nats }: Session): DiscoveryError {
  return new DiscoveryError(
    "invalid_argument",
    `${subject}: expected at most ${nats.info?.max_payload} bytes (the server's max_payload) with its headers, got ${encoder.encode(text).length} without`,
  );
}
