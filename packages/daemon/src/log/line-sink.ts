import { fstatSync, writeSync } from "node:fs";
import type { Writable } from "node:stream";
import { type Clock, sleep } from "@org/discovery-core";

/** Where log lines go in the end. What cannot be written is lost, and never stops or ends the daemon. */
export interface LineSink {
  /** Takes a line with its newline. Never throws and never waits. */
  write(line: string): void;
  /** Resolves when nothing is held back any more, or after a moment where a reader takes nothing. Never rejects. */
  flush(): Promise<void>;
}

/** What is held back for a reader that stalls; lines beyond are lost. */
const MAX_HELD_BYTES = 4 * 1024 * 1024;
/** How long the end of the process waits for such a reader, in milliseconds. */
const FLUSH_MS = 500;

/**
 * The sink over a descriptor of the process, with the stream that Node has for it. Pipes and sockets are written through the stream,
 * which never blocks; all else by the descriptor, so that a disk that was full once takes lines again as soon as it has room.
 */
export function lineSink(descriptor: number, stream: Writable, clock: Clock): LineSink {
  return isStreamed(descriptor) ? streamSink(stream, clock) : descriptorSink(descriptor);
}

function isStreamed(descriptor: number): boolean {
  try {
    const facts = fstatSync(descriptor);
    return facts.isFIFO() || facts.isSocket();
  } catch {
    return false;
  }
}

function streamSink(stream: Writable, clock: Clock): LineSink {
  // A reader that has gone. The lines go nowhere from then on.
  stream.on("error", () => undefined);
  return {
    write(line) {
      if (stream.writable && stream.writableLength < MAX_HELD_BYTES) stream.write(line);
    },
    async flush() {
      if (!stream.writable || stream.writableLength === 0) return;
      const written = new Promise<void>((resolve) => void stream.write("", () => resolve()));
      await Promise.race([written, sleep(clock, FLUSH_MS)]);
    },
  };
}

function descriptorSink(descriptor: number): LineSink {
  let isTorn = false;
  return {
    write(line) {
      let rest = Buffer.from(isTorn ? `\n${line}` : line);
      const { length } = rest;
      try {
        while (rest.length > 0) rest = rest.subarray(writeSync(descriptor, rest));
        isTorn = false;
      } catch {
        // A full disk, as a rule. What was written of the line stands there without its end.
        isTorn ||= rest.length < length;
      }
    },
    flush: async () => undefined,
  };
}
