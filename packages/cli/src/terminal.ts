/** What a command has of the world around it. */
export interface Terminal {
  /** As `process.env`. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** What the command answers; a line break is added. */
  print(text: string): void;
  /** What the user should know besides; a line break is added. */
  complain(text: string): void;
  /** Asks the user a question. Absent where nobody is there to answer. */
  readonly ask?: (question: string) => Promise<string>;
}
