import type { Log } from "@org/discovery-core";

/** A log that keeps its lines as "level message". */
export class CapturedLog implements Log {
  readonly lines: string[] = [];

  debug(): void {}

  info(_fields: object, message: string): void {
    this.lines.push(`info ${message}`);
  }

  warn(_fields: object, message: string): void {
    this.lines.push(`warn ${message}`);
  }

  error(_fields: object, message: string): void {
    this.lines.push(`error ${message}`);
  }
}
