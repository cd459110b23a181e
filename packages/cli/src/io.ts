/** Where a command writes to, and what it knows of its surroundings. */
export interface CommandIo {
  /** Takes results; resolves once there is room for more. Rejects with `EPIPE` when nobody reads any longer. */
  writeOut(text: string): Promise<void>;
  /** Takes everything else: errors, hints, progress. */
  writeError(text: string): void;
  /** Environment variables. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether results go to a terminal. */
  readonly isTerminal: boolean;
}

/** The streams and the environment of this process. */
export function processIo(): CommandIo {
  return {
    writeOut: (text) =>
      new Promise((resolve, reject) => {
        process.stdout.write(text, (error) => (error ? reject(error) : resolve()));
      }),
    writeError: (text) => void process.stderr.write(text),
    env: process.env,
    isTerminal: process.stdout.isTTY === true,
  };
}
