import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { startTelemetryStandIn, type TelemetryStandIn } from '@azureml-ts/testing';
import { ROOT } from '../../support/checkout.ts';
import type { CaseMeaning, TransportMeaning } from './meaning.ts';
import { ourRequest, ourStart, ourTransport, strayItems } from './our-cases.ts';
import { type MadeRequest, SERVER_ENVIRONMENT } from './requests.ts';

const MAIN = join(ROOT, 'packages', 'inference-server', 'dist', 'main.js');
const SCRIPTS = join(import.meta.dirname, 'scripts');
const START_MS = 60_000;

/** What our server told of some requests. */
export interface PlayedRequests {
  /** One for each request, in their order. */
  readonly cases: readonly CaseMeaning[];
  /** Items that belong to none of them. */
  readonly strays: readonly string[];
  readonly transport: TransportMeaning;
}

/** Makes the requests to our built server, in a process of its own, and waits until it has told all and ended. */
export async function playRequests(requests: readonly MadeRequest[]): Promise<PlayedRequests> {
  await using standIn = await startTelemetryStandIn();
  const server = startServer('score.ts', standIn);
  try {
    const url = await server.url();
    const ids: string[] = [];
    for (const request of requests) {
      ids.push(await post(url, request));
    }
    server.child.kill('SIGTERM');
    await server.ended;
    const items = standIn.items();
    return {
      cases: ids.map((id) => ourRequest(items, id)),
      strays: [...strayItems(items, ids), ...refusals(standIn)],
      transport: ourTransport(standIn.requests()),
    };
  } finally {
    server.child.kill('SIGKILL');
  }
}

/** Starts our built server with a script whose `init()` fails. */
export async function playFailedStart(): Promise<CaseMeaning> {
  await using standIn = await startTelemetryStandIn();
  const server = startServer('failing-init.ts', standIn);
  try {
    const exitCode = await server.ended;
    const start = ourStart(standIn.items(), typeof exitCode === 'number' ? exitCode : undefined);
    return { ...start, others: [...start.others, ...refusals(standIn)] };
  } finally {
    server.child.kill('SIGKILL');
  }
}

interface RunningServer {
  readonly child: ChildProcess;
  /** Exit code or signal. */
  readonly ended: Promise<number | string | null>;
  url(): Promise<string>;
}

function startServer(script: string, { connectionString }: TelemetryStandIn): RunningServer {
  const child = fork(MAIN, ['--entry-script', join(SCRIPTS, script), '--port', '0'], {
    // Nothing of the caller's environment plays along.
    env: {
      PATH: process.env['PATH'],
      ...SERVER_ENVIRONMENT,
      APPLICATIONINSIGHTS_CONNECTION_STRING: connectionString,
    },
    execArgv: [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    timeout: START_MS,
    killSignal: 'SIGKILL',
  });
  let log = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    log += text;
  });
  const ended = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | string | null);
  return {
    child,
    ended,
    async url() {
      const listening = once(child, 'message').then(([message]) => (message as { readonly url?: string }).url);
      const url = await Promise.race([listening, ended.then(() => undefined)]);
      if (url === undefined) {
        throw new Error(`The inference server did not start.\n${log}`);
      }
      return url;
    },
  };
}

/** Posts to `/score`; returns the id that the answer carries. */
async function post(url: string, { requestId, clientRequestId, body }: MadeRequest): Promise<string> {
  const response = await fetch(`${url}/score`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(requestId === undefined ? {} : { 'x-request-id': requestId }),
      ...(clientRequestId === undefined ? {} : { 'x-ms-client-request-id': clientRequestId }),
    },
    body,
  });
  await response.arrayBuffer();
  return response.headers.get('x-request-id') ?? '';
}

function refusals(standIn: TelemetryStandIn): string[] {
  return standIn.requests().flatMap(({ errors }) => errors.map(({ message }) => `refused: ${message}`));
}
