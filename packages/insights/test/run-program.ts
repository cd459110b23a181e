import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Bench } from './support.ts';

const USE_SOURCES = pathToFileURL(join(__dirname, 'fixtures', 'use-sources.mjs')).href;
const START = `import { print, startInsights } from '@azureml-ts/insights';\nconst insights = startInsights();\n`;

/** What a process wrote and how it ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** Hears what the program prints. */
  readonly onLine?: (text: string, child: ChildProcess) => void;
  /** What stands before the program. Default: it starts telemetry. */
  readonly start?: string;
  readonly nodeOptions?: readonly string[];
}

export type Run = (program: string, options?: RunOptions) => Promise<Ended>;

/** Runs a program that has started telemetry against the stand-in of a bench. */
export async function runProgram(bench: Bench, program: string, options: RunOptions = {}): Promise<Ended> {
  const { onLine, start = START, nodeOptions = [] } = options;
  const child = spawn(
    process.execPath,
    ['--import', USE_SOURCES, '--no-warnings', ...nodeOptions, '--input-type=module', '--eval', `${start}${program}`],
    {
      env: {
        PATH: process.env['PATH'],
        APPLICATIONINSIGHTS_CONNECTION_STRING: bench.standIn.connectionString,
        SERVICE_NAME: 'my-svc',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
    onLine?.(chunk, child);
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  const [code, signal] = await once(child, 'close');
  return { code, signal, stdout, stderr };
}
