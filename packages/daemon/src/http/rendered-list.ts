import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { gzip } from "node:zlib";

/** Shorter answers fit into one packet as they are. In bytes. */
const WORTH_COMPRESSING = 1024;
const compress = promisify(gzip);

/** An answer in one encoding. */
export interface EncodedList {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Strong entity tag of exactly these bytes, so another one for each encoding (RFC 9110, 8.8.3). */
  readonly etag: string;
  /** `Content-Encoding`; `undefined` for none. */
  readonly encoding: "gzip" | undefined;
}

/** An answer ready to be sent. Compressed when first asked for, once, beside the event loop. */
export class RenderedList {
  readonly plain: EncodedList;
  readonly #tag: string;
  #compressed: Promise<EncodedList> | undefined;

  constructor(content: unknown) {
    const bytes = new TextEncoder().encode(JSON.stringify(content));
    this.#tag = createHash("sha256").update(bytes).digest("base64url").slice(0, 22);
    this.plain = { bytes, etag: `"${this.#tag}"`, encoding: undefined };
  }

  get json(): string {
    return new TextDecoder().decode(this.plain.bytes);
  }

  /** Strong entity tag of the plain answer. */
  get etag(): string {
    return this.plain.etag;
  }

  /** The tags of all its encodings: whoever has one of them has the list. */
  get etags(): readonly string[] {
    return [this.plain.etag, this.#compressedTag];
  }

  /** Compressed where the client accepts that and it is worth it. */
  async encoded(acceptsGzip: boolean): Promise<EncodedList> {
    if (!acceptsGzip || this.plain.bytes.byteLength < WORTH_COMPRESSING) return this.plain;
    this.#compressed ??= this.#compress();
    return this.#compressed;
  }

  get #compressedTag(): string {
    return `"${this.#tag}-gzip"`;
  }

  async #compress(): Promise<EncodedList> {
    const compressed = await compress(this.plain.bytes);
    return { bytes: new Uint8Array(compressed), etag: this.#compressedTag, encoding: "gzip" };
  }
}
