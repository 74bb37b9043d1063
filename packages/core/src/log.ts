/** Facts that go with a log line. Never a secret or a token. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Where log lines go. The shape of pino's logger, so that one can be passed as it is. */
export interface Log {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
}
