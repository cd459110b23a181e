import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { ROOT } from './checkout.ts';

/** How a command ended and what it printed. */
export interface RunResult {
  /** Exit code; `null` when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where and for how long a command runs. */
export interface RunOptions {
  /** Folder it runs in; the checkout when left out. */
  readonly cwd?: string | undefined;
  /** Environment variables beside those of this process. */
  readonly env?: Record<string, string> | undefined;
  /** After so many milliseconds it is killed; 60,000 when left out. */
  readonly timeoutMs?: number | undefined;
}

/** Runs a command to its end, with nothing on its standard input. */
export async function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const { cwd = ROOT, env = {}, timeoutMs = 60_000 } = options;
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

/** Runs a file, or other arguments, under the Node of this process. */
export function runNode(args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  return run(process.execPath, args, options);
}

/**
 * Runs a piece of ESM that prints one JSON value, and returns that value.
 *
 * For modules of the scripts and of the build, which Jest would load in its own way.
 */
export async function evaluate(code: string, options: RunOptions = {}): Promise<unknown> {
  const result = await runNode(['--input-type=module', '--eval', code], options);
  if (result.code !== 0) {
    throw new Error(`The code ended with exit code ${result.code}.\n${result.stderr}`);
  }
  return JSON.parse(result.stdout);
}
