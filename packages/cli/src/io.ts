import { createInterface } from 'node:readline';
import type { WorkspaceAccess } from '@azureml-ts/core';

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
  /** Whether everything else goes to a terminal: only then progress is told that nobody asked for. Default `false`. */
  readonly isErrorTerminal?: boolean | undefined;
  /** Ends the command early, as Ctrl-C does; the exit code is then 130. */
  readonly abortSignal?: AbortSignal | undefined;
  /** Takes a result that is no text. Default: it goes to `writeOut` as UTF-8. */
  writeBytes?(bytes: Uint8Array): Promise<void>;
  /** Reads all of standard input. Left out when there is none, or a terminal. */
  readInput?(): Promise<Uint8Array>;
  /** Asks whoever sits there and gives the answer, empty when there is none. Left out when nobody can be asked. */
  ask?(question: string): Promise<string>;
  /** How commands sign in and send requests. Default: as the options and the environment say. */
  readonly access?: Pick<WorkspaceAccess, 'credential' | 'clientOptions'> | undefined;
}

/** So much is written before the event loop gets a turn: a signal is only seen in between. */
const TURN_BYTES = 65_536;

/** The streams and the environment of this process, and Ctrl-C: the first ends the command, a second one the process. */
export function processIo(): CommandIo {
  const abort = new AbortController();
  process.once('SIGINT', () => abort.abort(new Error('Interrupted')));
  let written = 0;
  const write = (piece: string | Uint8Array) =>
    new Promise<void>((resolve, reject) => {
      written += piece.length;
      const hasTurn = written >= TURN_BYTES;
      const done = hasTurn ? () => setImmediate(resolve) : resolve;
      if (hasTurn) {
        written = 0;
      }
      process.stdout.write(piece, (error) => (error ? reject(error) : done()));
    });
  const isInputTerminal = process.stdin.isTTY === true;
  return {
    abortSignal: abort.signal,
    writeOut: write,
    writeBytes: write,
    writeError: (text) => void process.stderr.write(text),
    env: process.env,
    isTerminal: process.stdout.isTTY === true,
    isErrorTerminal: process.stderr.isTTY === true,
    ...(isInputTerminal ? {} : { readInput }),
    ...(isInputTerminal && process.stderr.isTTY === true ? { ask } : {}),
  };
}

async function readInput(): Promise<Uint8Array> {
  const pieces: Buffer[] = [];
  for await (const piece of process.stdin) {
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

function ask(question: string): Promise<string> {
  // Not as a terminal: readline would otherwise keep Ctrl-C to itself.
  const reader = createInterface({ input: process.stdin, terminal: false });
  process.stderr.write(question);
  return new Promise((resolve) => {
    reader.once('line', (line) => {
      resolve(line);
      reader.close();
    });
    reader.once('close', () => resolve(''));
  });
}
