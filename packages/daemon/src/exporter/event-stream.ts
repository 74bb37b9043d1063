/** An event of a `text/event-stream`. */
export interface StreamEvent {
  /** `message` where it has none. */
  readonly type: string;
  readonly data: string;
}

const LINE_END = /\r\n|\n|\r/g;

/**
 * Reads server-sent events (WHATWG HTML, 9.2.6) from text that comes in pieces, cut anywhere. Comments and unknown fields are
 * skipped, and so is an event that the end of the stream cuts off.
 */
export class EventStreamReader {
  readonly #maxLength: number;
  /** The beginning of a line whose end has not come yet. */
  #pieces: string[] = [];
  #piecesLength = 0;
  #dataLength = 0;
  #isFirst = true;
  /** The last piece ended with a carriage return: a newline at the beginning of the next belongs to it. */
  #isReturned = false;
  #type = "";
  #data: string[] = [];
  #id = "";
  #lastEventId = "";

  /** @param maxLength longest event that is taken, in characters. */
  constructor(maxLength: number) {
    this.#maxLength = maxLength;
  }

  /** What `Last-Event-ID` says after a lost connection; empty where no event had an id. */
  get lastEventId(): string {
    return this.#lastEventId;
  }

  /** The events that this piece completes. Throws a `RangeError` where one gets too long. */
  read(piece: string): StreamEvent[] {
    if (piece === "") return [];
    const text = this.#withoutMarks(piece);
    const events: StreamEvent[] = [];
    let start = 0;
    for (const { 0: end, index } of text.matchAll(LINE_END)) {
      const event = this.#line(this.#pieces.join("") + text.slice(start, index));
      if (event !== undefined) events.push(event);
      this.#pieces = [];
      this.#piecesLength = 0;
      start = index + end.length;
    }
    this.#isReturned = piece.endsWith("\r");
    this.#hold(text.slice(start));
    return events;
  }

  /** Without a byte order mark at the very beginning, and without the second half of a line end. */
  #withoutMarks(piece: string): string {
    const isMarked = this.#isFirst && piece.startsWith("\uFEFF");
    const isHalf = this.#isReturned && piece.startsWith("\n");
    this.#isFirst = false;
    return isMarked || isHalf ? piece.slice(1) : piece;
  }

  #hold(piece: string): void {
    this.#pieces.push(piece);
    this.#piecesLength += piece.length;
    if (this.#piecesLength + this.#dataLength <= this.#maxLength) return;
    throw new RangeError(`an event of more than ${this.#maxLength} characters`);
  }

  #line(line: string): StreamEvent | undefined {
    if (line === "") return this.#dispatch();
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") this.#type = value;
    else if (field === "id" && !value.includes("\0")) this.#id = value;
    else if (field === "data") {
      this.#data.push(value);
      this.#dataLength += value.length;
    }
    return undefined;
  }

  #dispatch(): StreamEvent | undefined {
    const isEvent = this.#data.length > 0;
    const event = { type: this.#type === "" ? "message" : this.#type, data: this.#data.join("\n") };
    this.#lastEventId = this.#id;
    this.#type = "";
    this.#data = [];
    this.#dataLength = 0;
    return isEvent ? event : undefined;
  }
}
