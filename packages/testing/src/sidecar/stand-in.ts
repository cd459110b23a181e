import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { AzuremlError, sleep } from '@azureml-ts/common';
import { startLoopbackServer } from '../loopback/http-server.ts';
import { readBody } from '../loopback/read-body.ts';
import type { CollectionSidecar, SidecarAnswer, SidecarRecord } from './stand-in-types.ts';

/** Where records go. Source: azureml-ai-monitoring. */
const PATH = '/modeldata/log';
const WAIT_MS = 10_000;

/** Options of {@link startCollectionSidecar}. */
export interface CollectionSidecarOptions {
  /** Port to listen on. Default 0: any free port. */
  readonly port?: number | undefined;
  /** Address to listen on. Default `127.0.0.1`. */
  readonly host?: string | undefined;
}

/**
 * Starts a server that takes records as the collection sidecar of a managed online deployment does: `POST /modeldata/log`.
 *
 * It keeps what comes, and answers as it is told: with any status, late, or not at all. The server keeps the process alive
 * until `close()`.
 *
 * @param options Address.
 * @returns The running stand-in.
 * @throws {@link AzuremlError} `STAND_IN_START_FAILED` when the port is taken.
 * @example
 * ```ts
 * import { startCollectionSidecar } from '@azureml-ts/testing';
 *
 * const sidecar = await startCollectionSidecar();
 * const headers = { 'content-type': 'application/json', 'ce-type': 'azureml.inference.model_inputs' };
 * await fetch(`${sidecar.url}/modeldata/log`, { method: 'POST', headers, body: '[{"age":59}]' });
 * console.log(sidecar.records().map(({ body }) => body)); // [ '[{"age":59}]' ]
 * await sidecar.close();
 * ```
 *
 * Source: what azureml-ai-monitoring 1.0.0 sends. The sidecar itself is not published: what it answers is not known but for
 * statuses from 200 to 299 meaning that it took the record.
 */
export async function startCollectionSidecar(options: CollectionSidecarOptions = {}): Promise<CollectionSidecar> {
  const { port = 0, host = '127.0.0.1' } = options;
  const closing = new AbortController();
  const connections = new WeakMap<Socket, number>();
  const waiting = new Set<() => void>();
  let connectionCount = 0;
  let requests: SidecarRecord[] = [];
  let plan: { answer: SidecarAnswer; left: number }[] = [];

  const next = (): SidecarAnswer => {
    const [first] = plan;
    if (first === undefined) {
      return {};
    }
    first.left -= 1;
    if (first.left <= 0) {
      plan.shift();
    }
    return first.answer;
  };
  const numberOf = (socket: Socket): number => {
    const known = connections.get(socket);
    if (known !== undefined) {
      return known;
    }
    connectionCount += 1;
    connections.set(socket, connectionCount);
    return connectionCount;
  };
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const connection = numberOf(request.socket);
    const { wire } = await readBody(request);
    const path = request.url ?? '/';
    const isRecord = request.method === 'POST' && path === PATH;
    const answer = isRecord ? next() : { status: request.method === 'POST' ? 404 : 405 };
    const { status = 200, headers = {}, delayMs = 0, cut } = answer;
    if (delayMs > 0) {
      await sleep(delayMs, { abortSignal: closing.signal });
    }
    const isTaken = isRecord && (cut === undefined ? status >= 200 && status < 300 : cut === 'after');
    const pairs = pairsOf(request.rawHeaders);
    requests.push({
      method: request.method ?? '',
      path,
      headers: pairs,
      body: wire.toString(),
      status: cut === undefined ? status : 0,
      connection,
      isTaken,
      header: (name) => pairs.find(([other]) => other.toLowerCase() === name.toLowerCase())?.[1],
    });
    for (const tell of waiting) {
      tell();
    }
    if (cut !== undefined) {
      request.socket.destroy();
      return;
    }
    response.writeHead(status, headers).end();
  };
  const server = await startLoopbackServer({ host, port, what: 'The collection sidecar' }, handle);
  const records = () => requests.filter(({ isTaken }) => isTaken);
  const close = async () => {
    closing.abort();
    await server.close();
  };
  return {
    url: server.url,
    port: server.port,
    requests: () => [...requests],
    records,
    waitFor: async (count, { timeoutMs = WAIT_MS, abortSignal } = {}) => {
      const there = Promise.withResolvers<void>();
      const look = () => records().length >= count && there.resolve();
      waiting.add(look);
      look();
      const limit = setTimeout(() => there.reject(timedOut(count, records().length, timeoutMs)), timeoutMs);
      const onAbort = () => there.reject(abortSignal?.reason);
      abortSignal?.addEventListener('abort', onAbort, { once: true });
      try {
        abortSignal?.throwIfAborted();
        await there.promise;
        return records();
      } finally {
        clearTimeout(limit);
        waiting.delete(look);
        abortSignal?.removeEventListener('abort', onAbort);
      }
    },
    respondWith: (answer) => {
      const answers =
        answer === null ? [] : Array.isArray(answer) ? (answer as readonly SidecarAnswer[]) : [answer as SidecarAnswer];
      plan = answers.map((one) => ({ answer: one, left: one.times ?? Number.POSITIVE_INFINITY }));
    },
    clear: () => {
      requests = [];
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function pairsOf(raw: readonly string[]): (readonly [string, string])[] {
  return Array.from(
    { length: raw.length / 2 },
    (_, index) => [raw[2 * index] ?? '', raw[2 * index + 1] ?? ''] as const,
  );
}

function timedOut(count: number, have: number, timeoutMs: number): AzuremlError {
  return new AzuremlError('TIMEOUT', `The sidecar has ${have} records, not ${count}, after ${timeoutMs} ms.`, {
    retryable: true,
    details: { count, have },
  });
}
