import { keyOfSubject, subjectOfKey } from "./subject-key.ts";

/** What a subject of the bucket is for. */
export type Place =
  | { readonly kind: "entry"; readonly key: string }
  | { readonly kind: "staged"; readonly stage: string; readonly key: string }
  | { readonly kind: "epoch" }
  | { readonly kind: "swept" };

/**
 * The names of a key-value bucket's parts. Its own keys hold two or three tokens, those of the store's entries one:
 *
 * - `service/a/b`: an entry, see `subjectOfKey`
 * - `meta.epoch`: the epoch
 * - `meta.swept`: old deletions were forgotten
 * - `stage.<id>.service/a/b`: an entry that a restore wrote back
 */
export class Bucket {
  readonly name: string;
  readonly stream: string;
  /** Every subject of the bucket. */
  readonly everything: string;
  readonly epoch: string;
  readonly swept: string;
  readonly #prefix: string;

  constructor(name: string) {
    this.name = name;
    this.stream = `KV_${name}`;
    this.#prefix = `$KV.${name}.`;
    this.everything = `${this.#prefix}>`;
    this.epoch = `${this.#prefix}meta.epoch`;
    this.swept = `${this.#prefix}meta.swept`;
  }

  entry(key: string): string {
    return this.#prefix + subjectOfKey(key);
  }

  staged(stage: string, key: string): string {
    return `${this.#prefix}stage.${stage}.${subjectOfKey(key)}`;
  }

  /** Every subject of one stage. */
  stage(stage: string): string {
    return `${this.#prefix}stage.${stage}.*`;
  }

  /** What the subject is for; undefined for one that is none of ours. */
  placeOf(subject: string): Place | undefined {
    if (subject === this.epoch) return { kind: "epoch" };
    if (subject === this.swept) return { kind: "swept" };
    if (!subject.startsWith(this.#prefix)) return undefined;
    const [first = "", second, third, ...more] = subject.slice(this.#prefix.length).split(".");
    const key = keyOfSubject(third ?? first);
    if (key === undefined || more.length > 0) return undefined;
    if (second === undefined) return { kind: "entry", key };
    return first === "stage" && third !== undefined ? { kind: "staged", stage: second, key } : undefined;
  }
}
