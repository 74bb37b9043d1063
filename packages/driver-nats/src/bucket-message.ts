import type { StoreEntry } from "@org/discovery-core";
import type { Bucket } from "./bucket.ts";
import type { Delivery } from "./delivery.ts";
import { decodeEpoch, type EpochRecord } from "./epoch-record.ts";

/** Header of a staged entry: the revision that it had, and keeps. */
export const REVISION_HEADER = "Discovery-Revision";
/** Header with which key-value buckets mark a deletion: `DEL` or `PURGE` (NATS ADR-8). */
export const OPERATION_HEADER = "KV-Operation";

/** What a message of the bucket says. */
export type Content =
  | { readonly kind: "entry"; readonly key: string; readonly value: string | undefined }
  | { readonly kind: "staged"; readonly stage: string; readonly key: string; readonly entry: StoreEntry }
  | { readonly kind: "epoch"; readonly record: EpochRecord }
  | { readonly kind: "swept"; readonly below: number }
  | { readonly kind: "foreign" };

export interface BucketMessage {
  readonly content: Content;
  readonly sequence: number;
  readonly time: bigint;
}

const FOREIGN: Content = { kind: "foreign" };

/** Reads a message of the bucket. Whatever is none of ours is `foreign` and counts for nothing. */
export function bucketMessage(bucket: Bucket, delivery: Delivery): BucketMessage {
  const { sequence, time } = delivery;
  return { content: contentOf(bucket, delivery), sequence, time };
}

function contentOf(bucket: Bucket, { subject, headers, text, sequence, time }: Delivery): Content {
  const place = bucket.placeOf(subject);
  switch (place?.kind) {
    case "entry":
      return { ...place, value: headers?.has(OPERATION_HEADER) === true ? undefined : text };
    case "staged": {
      const revision = Number(headers?.get(REVISION_HEADER));
      return Number.isSafeInteger(revision) && revision > 0 ? { ...place, entry: { value: text, revision } } : FOREIGN;
    }
    case "epoch": {
      const record = decodeEpoch(text, { sequence, time });
      return record === undefined ? FOREIGN : { kind: "epoch", record };
    }
    case "swept":
      return { kind: "swept", below: Number(text) };
    case undefined:
      return FOREIGN;
  }
}
