import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** How {@link runCommand} runs. */
export interface CommandOptions {
  /** Folder; the current one when left out. */
  readonly cwd?: string | undefined;
  /** Environment variables beside those of this process. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** After so many milliseconds it is ended; 180,000 when left out. */
  readonly timeoutMs?: number | undefined;
}

/**
 * Runs a command to its end.
 *
 * @returns What it printed on stdout.
 * @throws Error with its last lines when it cannot be started or fails.
 */
export async function runCommand(
  command: string,
  args: readonly string[],
  { cwd, env = {}, timeoutMs = 180_000 }: CommandOptions = {},
): Promise<string> {
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
  // A command that is not there is told by `error`, which `once` turns into a rejection.
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) {
    const last = `${stdout}\n${stderr}`.trim().split('\n').slice(-5).join('\n');
    throw new Error(`${command} ${args[0] ?? ''} ended with exit code ${code}: ${last}`);
  }
  return stdout;
}
