import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Ingestion } from './ingestion.ts';

/** A server that is measured, in a process of its own. */
export interface MeasuredServer extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
  /** Asks it to end. */
  terminate(): void;
  /** Resolves once it has ended, with its exit code or signal. */
  readonly ended: Promise<number | string | null>;
}

const BENCH = fileURLToPath(new URL('..', import.meta.url));
const MAIN = fileURLToPath(new URL('../../../packages/inference-server/dist/main.js', import.meta.url));
const START_MS = 60_000;

/** How the inference server is started. */
export interface OursOptions {
  /** File of `children`. Default `server-score.ts`. */
  readonly script?: string;
  /** Where telemetry goes; without it, there is none. */
  readonly ingestion?: Ingestion | undefined;
  readonly env?: Readonly<Record<string, string>>;
  /** File of `children` that is loaded before it. */
  readonly preload?: string;
}

/** Our inference server: the built command. */
export function startOurs({
  script = 'server-score.ts',
  ingestion,
  env,
  preload,
}: OursOptions = {}): Promise<MeasuredServer> {
  const telemetry =
    ingestion === undefined
      ? {}
      : { AML_APP_INSIGHTS_ENABLED: 'true', APPLICATIONINSIGHTS_CONNECTION_STRING: ingestion.connectionString };
  const args = ['--entry-script', join(BENCH, 'children', script), '--port', '0', '--host', '127.0.0.1'];
  const execArgv = preload === undefined ? [] : ['--import', join(BENCH, 'children', preload)];
  return startNode(MAIN, args, { SERVICE_NAME: 'svc', WORKSPACE_NAME: 'ws', ...telemetry, ...env }, execArgv);
}

/** A server on bare node:http. */
export function startBare(): Promise<MeasuredServer> {
  return startNode(join(BENCH, 'children', 'server-bare.ts'), [], {});
}

/** The bare server with the package applicationinsights. */
export function startWithPackage(ingestion: Ingestion): Promise<MeasuredServer> {
  return startNode(join(BENCH, 'peers', 'applicationinsights_server.cjs'), [], {
    APPLICATIONINSIGHTS_CONNECTION_STRING: ingestion.connectionString,
    PACKAGE_ENDPOINT: `${ingestion.url}/v2.1`,
    APPLICATION_INSIGHTS_NO_STATSBEAT: '1',
    APPLICATIONINSIGHTS_SDKSTATS_DISABLED: 'true',
    OTEL_SERVICE_NAME: 'svc',
    // Its queues of 2,048 would drop most of the items.
    OTEL_BSP_MAX_QUEUE_SIZE: '1000000',
    OTEL_BLRP_MAX_QUEUE_SIZE: '1000000',
  });
}

/** The reference server for Python with one worker. */
export async function startPython(interpreter: string, ingestion?: Ingestion): Promise<MeasuredServer> {
  const port = await freePort();
  const args = ['--entry_script', join(BENCH, 'peers', 'azmlinfsrv_score.py'), '--port', String(port)];
  const telemetry =
    ingestion === undefined
      ? {}
      : {
          AML_APP_INSIGHTS_ENABLED: 'true',
          AML_APP_INSIGHTS_KEY: '5ca1ab1e-0000-4000-8000-0000c0ffee00',
          APPLICATIONINSIGHTS_CONNECTION_STRING: ingestion.connectionString,
          AML_MDC_STORAGE_ENABLED: 'true',
        };
  const bin = dirname(interpreter);
  const child = spawn(join(bin, 'azmlinfsrv'), [...args, '--worker_count', '1'], {
    env: {
      ...process.env,
      PATH: `${bin}:${process.env['PATH']}`,
      SERVICE_NAME: 'svc',
      WORKSPACE_NAME: 'ws',
      APPLICATIONINSIGHTS_STATSBEAT_DISABLED_ALL: 'true',
      ...telemetry,
    },
    stdio: 'ignore',
  });
  const url = `http://127.0.0.1:${port}`;
  return serverOf(child, waitForHealth(url, child));
}

function startNode(
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  execArgv: string[] = [],
) {
  const child = fork(file, args, {
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
    execArgv,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const url = once(child, 'message', { signal: AbortSignal.timeout(START_MS) }).then(
    ([message]) => (message as { readonly url: string }).url,
  );
  return serverOf(child, url);
}

async function serverOf(child: ChildProcess, listening: Promise<string>): Promise<MeasuredServer> {
  const ended = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | string | null);
  const url = await Promise.race([listening, ended.then(() => undefined)]).catch(() => undefined);
  if (url === undefined) {
    child.kill('SIGKILL');
    throw new Error(`${child.spawnfile} ${child.spawnargs.slice(1).join(' ')} did not start.`);
  }
  return {
    url,
    pid: child.pid as number,
    terminate: () => child.kill('SIGTERM'),
    ended,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      const limit = setTimeout(() => child.kill('SIGKILL'), 30_000);
      await ended;
      clearTimeout(limit);
    },
  };
}

async function waitForHealth(url: string, child: ChildProcess): Promise<string> {
  const until = performance.now() + START_MS;
  while (child.exitCode === null && performance.now() < until) {
    const isThere = await fetch(url).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isThere) {
      return url;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${url} does not answer.`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
