import {
  AckPolicy,
  DeliverPolicy,
  DiscardPolicy,
  ReplayPolicy,
  RetentionPolicy,
  NatsError,
  StorageType,
  type ApiError,
  type JetStreamManager,
  type NatsConnection,
  type StoredMsg,
  type StreamInfo,
} from "nats";
import type { Bucket } from "./bucket.ts";
import { isSilence, JetStreamCode, jetStreamCode, jetStreamFailure, leaderless } from "./jetstream-failure.ts";

/** How a bucket is made. */
export interface BucketLimits {
  readonly replicas: number;
  readonly history: number;
  readonly maxBytes: number;
}

export interface ConsumerPlan {
  readonly inbox: string;
  readonly heartbeatMs: number;
  /** The first sequence number to deliver; undefined: the last message of each subject, then everything. */
  readonly from: number | undefined;
}

/** A consumer that was made. */
export interface ConsumerStart {
  readonly name: string;
}

const NANOSECONDS = 1_000_000;
const INACTIVE_MS = 10_000;
/** Patience with a question that may have met nobody, before it is asked again with twice as much. */
const FIRST_PATIENCE_MS = 250;
/** Patience with the making of a bucket, before it is looked for again: of two who make it at once a cluster answers one. */
const CREATE_MS = 1000;

/** The calls of JetStream's API that the driver makes, for one bucket over one connection. All fail as `jetStreamFailure` says. */
export class JetStream {
  readonly connection: NatsConnection;
  readonly bucket: Bucket;
  readonly #timeoutMs: number;

  /** @param timeoutMs how long an answer may take. */
  constructor(connection: NatsConnection, bucket: Bucket, timeoutMs: number) {
    this.connection = connection;
    this.bucket = bucket;
    this.#timeoutMs = timeoutMs;
  }

  /** As the bucket's leader has it; undefined where there is no such bucket. Fails with `unavailable` where it has no leader. */
  async info(): Promise<StreamInfo | undefined> {
    const info = await this.#unless([JetStreamCode.streamNotFound], () =>
      this.#question(({ streams }) => streams.info(this.bucket.stream)),
    );
    // Another member answers meanwhile, from a copy that may be behind; and nobody would answer what is asked next.
    if (info?.cluster !== undefined && (info.cluster.leader ?? "") === "") throw leaderless();
    return info;
  }

  /** Makes the bucket as key-value buckets are made (NATS ADR-8). Undefined where somebody else made it otherwise. */
  create({ replicas, history, maxBytes }: BucketLimits): Promise<StreamInfo | undefined> {
    return this.#unless([JetStreamCode.streamNameInUse], async () => {
      const { streams } = await this.#manager(Math.min(this.#timeoutMs, CREATE_MS));
      return streams.add({
        name: this.bucket.stream,
        description: "registry of discovery",
        subjects: [this.bucket.everything],
        retention: RetentionPolicy.Limits,
        storage: StorageType.File,
        discard: DiscardPolicy.New,
        num_replicas: replicas,
        max_msgs_per_subject: history,
        max_bytes: maxBytes,
        allow_rollup_hdrs: true,
        allow_direct: true,
        deny_delete: true,
      });
    });
  }

  /** The last message on a subject, asked of the bucket's leader; undefined where there is none, or no bucket. */
  last(subject: string): Promise<StoredMsg | undefined> {
    return this.#unless([JetStreamCode.messageNotFound, JetStreamCode.streamNotFound], () =>
      this.#question(({ streams }) => streams.getMessage(this.bucket.stream, { last_by_subj: subject })),
    );
  }

  /** The sequence number of the bucket's last message. */
  async tail(): Promise<number | undefined> {
    const message = await this.last(this.bucket.everything);
    return message?.seq;
  }

  /** Removes messages of a subject, up to but without `before` where that is given. */
  async purge(subject: string, before?: number): Promise<void> {
    const options = { filter: subject, ...(before === undefined ? {} : { seq: before }) };
    await this.#call(async () => (await this.#manager()).streams.purge(this.bucket.stream, options));
  }

  /** A consumer of its own for one subscription; the server removes it when that is gone. */
  consume({ inbox, heartbeatMs, from }: ConsumerPlan): Promise<ConsumerStart> {
    const start =
      from === undefined
        ? { deliver_policy: DeliverPolicy.LastPerSubject }
        : { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: from };
    // The library has no call of its own for it: it knows such consumers only with its own rules for when they begin anew.
    return this.#ask(`CONSUMER.CREATE.${this.bucket.stream}`, {
      stream_name: this.bucket.stream,
      config: {
        ...start,
        filter_subject: this.bucket.everything,
        deliver_subject: inbox,
        ack_policy: AckPolicy.None,
        replay_policy: ReplayPolicy.Instant,
        idle_heartbeat: heartbeatMs * NANOSECONDS,
        flow_control: true,
        inactive_threshold: INACTIVE_MS * NANOSECONDS,
        mem_storage: true,
        num_replicas: 1,
      },
    });
  }

  async removeConsumer(name: string): Promise<void> {
    await this.#call(async () => (await this.#manager()).consumers.delete(this.bucket.stream, name));
  }

  #manager(timeout = this.#timeoutMs): Promise<JetStreamManager> {
    return this.connection.jetstreamManager({ checkAPI: false, timeout });
  }

  /** Asks what may be asked twice. While a leader is elected there is nobody to answer, and nobody keeps the question for the next one. */
  async #question<Result>(ask: (manager: JetStreamManager) => Promise<Result>): Promise<Result> {
    for (let patience = FIRST_PATIENCE_MS; patience < this.#timeoutMs; patience *= 2) {
      try {
        return await ask(await this.#manager(patience));
      } catch (error) {
        if (!isSilence(error)) throw error;
      }
    }
    return ask(await this.#manager());
  }

  /** A call that the library does not make. */
  #ask<Answer extends object>(name: string, body: object): Promise<Answer> {
    return this.#call(async () => {
      const options = { timeout: this.#timeoutMs };
      const message = await this.connection.request(`$JS.API.${name}`, JSON.stringify(body), options);
      const answer = message.json<Answer & { readonly error?: ApiError }>();
      if (answer.error === undefined) return answer;
      throw Object.assign(new NatsError(answer.error.description, String(answer.error.code)), {
        api_error: answer.error,
      });
    });
  }

  async #unless<Result>(codes: readonly number[], run: () => Promise<Result>): Promise<Result | undefined> {
    try {
      return await run();
    } catch (error) {
      if (codes.includes(jetStreamCode(error) ?? 0)) return undefined;
      throw jetStreamFailure(error, this.connection.info?.jetstream === true);
    }
  }

  async #call<Result>(run: () => Promise<Result>): Promise<Result> {
    try {
      return await run();
    } catch (error) {
      throw jetStreamFailure(error, this.connection.info?.jetstream === true);
    }
  }
}
