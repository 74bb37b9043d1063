import type { Terminal } from "../src/index.ts";

/** A terminal that keeps what is said, and on which somebody may sit. */
export class RecordingTerminal implements Terminal {
  readonly environment: Readonly<Record<string, string>>;
  readonly printed: string[] = [];
  readonly complaints: string[] = [];
  readonly questions: string[] = [];
  readonly ask?: (question: string) => Promise<string>;

  constructor({ answer, env = {} }: { answer?: string; env?: Readonly<Record<string, string>> } = {}) {
    this.environment = env;
    if (answer === undefined) return;
    this.ask = async (question) => {
      this.questions.push(question);
      return answer;
    };
  }

  print = (text: string): void => void this.printed.push(text);
  complain = (text: string): void => void this.complaints.push(text);
}
