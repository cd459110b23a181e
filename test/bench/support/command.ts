import { type RunOptions, run } from '../../support/run.ts';

/**
 * Runs a command to its end, in the current folder when none is named, for at most 180 s unless told otherwise.
 *
 * @returns What it printed on stdout.
 * @throws Error with its last lines when it cannot be started or fails.
 */
export async function runCommand(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { cwd = process.cwd(), timeoutMs = 180_000 } = options;
  const { code, stdout, stderr } = await run(command, args, { ...options, cwd, timeoutMs });
  if (code !== 0) {
    const last = `${stdout}\n${stderr}`.trim().split('\n').slice(-5).join('\n');
    throw new Error(`${command} ${args[0] ?? ''} ended with exit code ${code}: ${last}`);
  }
  return stdout;
}
