import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { SCRIPT, SERVER } from './local-services.ts';

const FIXTURES = resolve(__dirname, '../fixtures');

export interface Forgetful {
  readonly parent: ChildProcess;
  /** Resolves with code and signal. */
  readonly exited: Promise<unknown[]>;
  readonly servicePid: number;
}

/** Starts a process that deploys the service `forgotten` and never deletes it; `then` says what it does next. */
export async function startForgetful(directory: string, then: string, script = SCRIPT): Promise<Forgetful> {
  const hooks = pathToFileURL(join(FIXTURES, 'resolve-sources.mjs')).href;
  const args = ['--import', hooks, join(FIXTURES, 'forgetful.ts'), directory, SERVER, script, then];
  const parent = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', then === 'throw' ? 'ignore' : 'inherit'] });
  const exited = once(parent, 'exit');
  const first = await Promise.race([once(parent.stdout, 'data'), exited.then(() => undefined)]);
  return { parent, exited, servicePid: Number.parseInt(String(first?.[0]), 10) };
}
