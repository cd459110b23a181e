import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { WriterOrder } from './writer-order.ts';

const hooks = pathToFileURL(path.join(__dirname, 'sources.mjs')).href;

/** How a child process ended. */
export interface ChildEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
}

/** Runs a script of this folder as a process of its own, before which a command may stand. */
export async function runChild(script: string, order: object, before: readonly string[] = []): Promise<ChildEnd> {
  const node = [
    process.execPath,
    '--no-warnings',
    '--import',
    hooks,
    path.join(__dirname, script),
    JSON.stringify(order),
  ];
  const [command = '', ...args] = [...before, ...node];
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return { code, signal, output };
}

/** Runs a writer as a process. */
export function runWriter(order: WriterOrder): Promise<ChildEnd> {
  return runChild('write-rows.ts', order);
}

/** Runs a writer as a thread of this process. */
export async function runWriterThread(order: WriterOrder): Promise<void> {
  const worker = new Worker(path.join(__dirname, 'write-rows.ts'), {
    workerData: order,
    execArgv: ['--no-warnings', '--import', hooks],
  });
  await once(worker, 'exit');
}
