import type { CommandIo } from '../src/io.ts';

/** Keeps what a command writes. */
export class RecordedIo implements CommandIo {
  readonly env: Record<string, string | undefined>;
  readonly isTerminal: boolean;
  out = '';
  error = '';

  constructor(env: Record<string, string | undefined> = {}, isTerminal = false) {
    this.env = env;
    this.isTerminal = isTerminal;
  }

  writeOut(text: string): Promise<void> {
    this.out += text;
    return Promise.resolve();
  }

  writeError(text: string): void {
    this.error += text;
  }
}
