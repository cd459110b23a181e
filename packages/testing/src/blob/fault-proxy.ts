import { Agent as HttpAgent, type IncomingMessage, type ServerResponse } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { pipeline } from 'node:stream/promises';
import { REDACTED, sleep, ValidationError } from '@azureml-ts/common';
import { startLoopbackServer } from '../loopback/http-server.ts';
import { parseBlobTarget } from './connection-string.ts';
import { ActiveFault, type BlobFault } from './fault.ts';
import { answerWithFault } from './fault-answer.ts';
import { answerHeaders, forward } from './forward.ts';
import type { BlobFaultProxy, ProxiedRequest } from './proxy-types.ts';

/** Options of {@link startBlobFaultProxy}. */
export interface BlobFaultProxyOptions {
  /** Connection string of the store behind the proxy: an emulator's, or an account's. */
  readonly target: string;
  /** Port to listen on. Default 0: any free port. */
  readonly port?: number | undefined;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * Starts a proxy before a blob store which fails as networks and stores do, where and when a test says so.
 *
 * Without faults it hands everything on, streamed, and signed requests stay valid. It keeps the process alive until
 * `close()`.
 *
 * @param options The store behind the proxy.
 * @returns The running proxy; pass its `connectionString` to the client under test.
 * @throws {@link ValidationError} when `target` names no blob endpoint; {@link AzuremlError} `STAND_IN_START_FAILED`
 *   when the port is taken.
 * @example
 * ```ts
 * import { startAzurite, startBlobFaultProxy } from '@azureml-ts/testing';
 *
 * const azurite = await startAzurite();
 * const proxy = await startBlobFaultProxy({ target: azurite.connectionString });
 * proxy.inject({ kind: 'answer', status: 503, errorCode: 'ServerBusy', times: 1 });
 * console.log((await fetch(`${proxy.url}/models`)).status); // 503
 * console.log((await fetch(`${proxy.url}/models`)).headers.get('server')); // Azurite-Blob/3.37.0
 * await proxy.close();
 * await azurite.close();
 * ```
 */
export async function startBlobFaultProxy(options: BlobFaultProxyOptions): Promise<BlobFaultProxy> {
  const target = parseBlobTarget(options.target);
  const agent =
    target.endpoint.protocol === 'https:' ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true });
  const closing = new AbortController();
  let faults: ActiveFault[] = [];
  let requests: ProxiedRequest[] = [];
  let hits = 0;

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const [path = '/', query = ''] = splitOnce(request.url ?? '/', '?');
    const asked = { method: request.method ?? 'GET', path, query: new URLSearchParams(query) };
    const active = faults.find((fault) => fault.hitsRequest(asked));
    const seen: Writable<ProxiedRequest> = {
      method: asked.method,
      path,
      query: query.replace(/(^|&)sig=[^&]*/, `$1sig=${REDACTED}`),
      fault: active?.fault.kind,
      forwarded: false,
      targetStatus: undefined,
      status: undefined,
    };
    requests.push(seen);
    if (active !== undefined) {
      hits += 1;
    }
    const effect = active?.fault;
    const ended = new AbortController();
    response.once('close', () => ended.abort());
    const over = AbortSignal.any([closing.signal, ended.signal]);
    switch (effect?.kind) {
      case 'answer':
        await answerWithFault(request, response, effect);
        seen.status = effect.status;
        return;
      case 'cut':
        request.socket.destroy();
        return;
      case 'hang':
        await untilAborted(AbortSignal.any([over, ...(active === undefined ? [] : [active.removed.signal])]));
        request.socket.destroy();
        return;
      case 'delay':
        await sleep(effect.delayMs, { abortSignal: over });
        break;
      default:
        break;
    }
    seen.forwarded = true;
    const answer = await forward(request, target.endpoint, agent, over).catch((error: unknown) => {
      // As the client would see it without a proxy: no answer at all.
      request.socket.destroy();
      throw error;
    });
    seen.targetStatus = answer.statusCode;
    if (effect?.kind === 'loseAnswer') {
      answer.resume();
      request.socket.destroy();
      return;
    }
    seen.status = answer.statusCode;
    response.writeHead(answer.statusCode ?? 502, answer.statusMessage, answerHeaders(answer));
    await pipeline(answer, response);
  };

  const server = await startLoopbackServer(
    { host: '127.0.0.1', port: options.port ?? 0, what: 'The blob fault proxy' },
    handle,
  );
  const url = `${server.url}${target.endpoint.pathname}`.replace(/\/$/, '');
  const removeFaults = () => {
    for (const fault of faults) {
      fault.remove();
    }
    faults = [];
  };
  const close = async (): Promise<void> => {
    closing.abort(new Error('The blob fault proxy was closed'));
    removeFaults();
    await server.close();
    agent.destroy();
  };
  return {
    url,
    connectionString: target.withEndpoint(url),
    inject: (fault: BlobFault) => {
      checkFault(fault);
      const active = new ActiveFault(fault);
      faults.push(active);
      return active;
    },
    faults: () => faults.filter((fault) => !fault.removed.signal.aborted),
    hits: () => hits,
    requests: () => requests.map((request) => ({ ...request })),
    clear: () => {
      removeFaults();
      requests = [];
      hits = 0;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function checkFault(fault: BlobFault): void {
  const { probability = 1 } = fault;
  if (!(probability >= 0 && probability <= 1)) {
    throw new ValidationError({ path: 'fault.probability', expected: 'from 0 to 1', received: probability });
  }
  if (fault.kind === 'answer' && !(Number.isInteger(fault.status) && fault.status >= 200 && fault.status <= 599)) {
    throw new ValidationError({ path: 'fault.status', expected: 'from 200 to 599', received: fault.status });
  }
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
    }
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
