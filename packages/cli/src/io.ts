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
  /** Ends the command early, as Ctrl-C does; the exit code is then 130. */
  readonly abortSignal?: AbortSignal | undefined;
}

/** So much is written before the event loop gets a turn: a signal is only seen in between. */
const TURN_CHARACTERS = 65_536;

/** The streams and the environment of this process, and Ctrl-C: the first ends the command, a second one the process. */
export function processIo(): CommandIo {
  const abort = new AbortController();
  process.once('SIGINT', () => abort.abort(new Error('Interrupted')));
  let written = 0;
  return {
    abortSignal: abort.signal,
    writeOut: (text) =>
      new Promise((resolve, reject) => {
        written += text.length;
        const hasTurn = written >= TURN_CHARACTERS;
        const done = hasTurn ? () => setImmediate(resolve) : resolve;
        if (hasTurn) {
          written = 0;
        }
        process.stdout.write(text, (error) => (error ? reject(error) : done()));
      }),
    writeError: (text) => void process.stderr.write(text),
    env: process.env,
    isTerminal: process.stdout.isTTY === true,
  };
}
