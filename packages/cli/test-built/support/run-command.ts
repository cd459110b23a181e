import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';

const PROGRAM = path.join(__dirname, '..', '..', 'dist', 'main.js');

/** How the command runs. */
export interface CommandSurroundings {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** What standard input gives. Default: it is closed. */
  readonly input?: string;
  /** Arguments for Node itself. */
  readonly nodeArguments?: readonly string[];
}

/** What a command did. */
export interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
}

/** The process of a command. */
export type CommandProcess = ChildProcessByStdio<Writable, Readable, Readable>;

/**
 * Runs the built command as a process of its own.
 *
 * @param args Its arguments.
 * @param surroundings Variables, folder and standard input.
 * @param onStart Gets the process.
 */
export async function runCommand(
  args: readonly string[],
  { env, cwd, input, nodeArguments = [] }: CommandSurroundings,
  onStart?: (child: CommandProcess) => void,
): Promise<Outcome> {
  const child = spawn(process.execPath, [...nodeArguments, PROGRAM, ...args], {
    env,
    cwd,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let out = '';
  let error = '';
  child.stdout.on('data', (piece) => {
    out += piece;
  });
  child.stderr.on('data', (piece) => {
    error += piece;
  });
  // A command that does not read its input may end before it is written.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input ?? '');
  onStart?.(child);
  const [code] = await once(child, 'close');
  return { code, out, error };
}
