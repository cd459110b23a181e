import { execFile } from 'node:child_process';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { inspect, promisify } from 'node:util';
import { AzuremlError, setLogSink } from '@azureml-ts/common';
import { Scorer, type ScorerInit, type ScoringSecret } from '../../src/webservice/scorer.ts';
import { rejection } from '../support/local-services.ts';

const FIXTURES = join(import.meta.dirname, '..', 'fixtures');

interface Seen {
  readonly headers: IncomingMessage['headers'];
  readonly method: string | undefined;
  readonly body: Buffer;
  readonly socket: Socket;
}

/** A scoring service: answers what `answer` says, and remembers what came. */
class ScoringService {
  readonly seen: Seen[] = [];
  answer: (request: Seen, response: ServerResponse) => void = (request, response) => {
    response.setHeader('content-type', 'application/json').end(request.body);
  };
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { headers, method, socket } = request;
        const seen = { headers, method, socket, body: Buffer.concat(chunks) };
        this.seen.push(seen);
        this.answer(seen, response);
      });
    });
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/score`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }
}

function answering(status: number, headers: Record<string, string> = {}, body = '') {
  return (_: Seen, response: ServerResponse) => response.writeHead(status, headers).end(body);
}

const KEY = 'top-secret-key-1';

function scorerOf(init: Partial<ScorerInit> = {}): Scorer {
  return new Scorer({ name: 'svc', clientOptions: {}, fetchSecret: async () => ({ value: KEY }), ...init });
}

/** Secrets that are fetched: a new one each time. */
function keys(refreshAfter?: number): { fetched: string[]; fetchSecret: () => Promise<ScoringSecret> } {
  const fetched: string[] = [];
  return {
    fetched,
    fetchSecret: async () => {
      await new Promise((resolve) => setImmediate(resolve));
      const value = `top-secret-key-${fetched.length + 1}`;
      fetched.push(value);
      return { value, refreshAfter };
    },
  };
}

describe('scoring', () => {
  it('sends the input as it is asked for, with the key, and reads the answer', async () => {
    await using service = await new ScoringService().start();
    const scorer = scorerOf();

    expect(await scorer.run(service.url, { data: [[1, 2]] })).toEqual({ data: [[1, 2]] });
    expect(await scorer.run(service.url, 'text that is no JSON')).toBe('text that is no JSON');
    expect(await scorer.run(service.url, new Uint8Array([91, 49, 93]))).toEqual([1]);
    expect(service.seen.map(({ method, headers, body }) => [method, headers['content-type'], body.toString()])).toEqual(
      [
        ['POST', 'application/json', '{"data":[[1,2]]}'],
        ['POST', 'application/json', 'text that is no JSON'],
        ['POST', 'application/json', '[1]'],
      ],
    );
    expect(service.seen[0]?.headers).toMatchObject({ authorization: `Bearer ${KEY}`, accept: 'application/json' });
  });

  it('gives bytes for an answer that is no text', async () => {
    await using service = await new ScoringService().start();
    const image = Buffer.from([0x89, 0x50, 0xff, 0x00]);
    service.answer = (_, response) => response.setHeader('content-type', 'image/png').end(image);

    expect(await scorerOf().run(service.url, {})).toEqual(image);
  });

  it('fetches the key once for calls at the same time and later, and keeps the connection', async () => {
    await using service = await new ScoringService().start();
    const { fetched, fetchSecret } = keys();
    const scorer = scorerOf({ fetchSecret });

    await Promise.all(Array.from({ length: 8 }, () => scorer.run(service.url, {})));
    const parallel = new Set(service.seen.map(({ socket }) => socket));
    for (let call = 0; call < 5; call += 1) {
      await scorer.run(service.url, {});
    }
    expect(fetched).toHaveLength(1);
    expect(service.seen).toHaveLength(13);
    for (const { socket } of service.seen.slice(8)) {
      expect(parallel).toContain(socket);
    }
    expect(new Set(service.seen.slice(8).map(({ socket }) => socket)).size).toBe(1);
  });

  it('shares connections between objects of the same service', async () => {
    await using service = await new ScoringService().start();
    await scorerOf().run(service.url, {});
    await scorerOf().run(service.url, {});
    expect(new Set(service.seen.map(({ socket }) => socket)).size).toBe(1);
  });

  it('lets nothing of one call or service appear in another', async () => {
    await using first = await new ScoringService().start();
    await using second = await new ScoringService().start();
    await scorerOf().run(
      first.url,
      {},
      { headers: { 'azureml-model-deployment': 'green', 'x-mine': '1' }, requestId: 'r1' },
    );
    await scorerOf({ fetchSecret: async () => undefined }).run(second.url, {});

    expect(first.seen[0]?.headers).toMatchObject({ 'azureml-model-deployment': 'green', 'x-request-id': 'r1' });
    expect(Object.keys(second.seen[0]?.headers ?? {}).sort()).toEqual([
      'accept',
      'connection',
      'content-length',
      'content-type',
      'host',
    ]);
  });

  it('takes an authorization of the caller in place of the key, and fetches none', async () => {
    await using service = await new ScoringService().start();
    const { fetched, fetchSecret } = keys();
    await scorerOf({ fetchSecret }).run(service.url, {}, { headers: { Authorization: 'Bearer mine' } });

    expect(service.seen[0]?.headers.authorization).toBe('Bearer mine');
    expect(fetched).toEqual([]);
  });

  it('refuses input and headers that cannot be sent, before anything is sent', async () => {
    const fetchSecret = jest.fn();
    const scorer = scorerOf({ fetchSecret });
    expect(await rejection(scorer.run('https://svc.test/score', undefined))).toMatchObject({ code: 'VALIDATION' });
    expect(await rejection(scorer.run('https://svc.test/score', {}, { headers: { host: 'x' } }))).toMatchObject({
      code: 'VALIDATION',
      path: 'headers.host',
    });
    expect(fetchSecret).not.toHaveBeenCalled();
  });
});

describe('the key of scoring', () => {
  it('is fetched again once when it is refused, for all calls that it was refused for', async () => {
    await using service = await new ScoringService().start();
    const { fetched, fetchSecret } = keys();
    service.answer = ({ headers }, response) =>
      response.writeHead(headers.authorization === 'Bearer top-secret-key-2' ? 200 : 401).end('1');
    const scorer = scorerOf({ fetchSecret });

    expect(await Promise.all([1, 2, 3].map(() => scorer.run(service.url, {})))).toEqual([1, 1, 1]);
    expect(await scorer.run(service.url, {})).toBe(1);
    expect(fetched).toHaveLength(2);
    expect(service.seen).toHaveLength(7);
  });

  it('is tried twice and no more', async () => {
    await using service = await new ScoringService().start();
    const { fetched, fetchSecret } = keys();
    service.answer = ({ headers }, response) =>
      response.writeHead(401, { 'x-ms-request-id': 'req-9' }).end(`no such key: ${headers.authorization?.slice(7)}`);
    const error = await rejection(scorerOf({ fetchSecret }).run(service.url, {}));

    expect(error).toMatchObject({
      code: 'AUTHENTICATION_FAILED',
      statusCode: 401,
      requestId: 'req-9',
      retryable: false,
    });
    expect(error.message).toMatch(/^Service "svc" answered 401: no such key: \[redacted\] \(request req-9\)\. /);
    expect(service.seen).toHaveLength(2);
    expect(shownIn(error)).not.toMatch(/top-secret/);
    expect(fetched).toHaveLength(2);
  });

  it('is not to blame when the scoring script answers 401', async () => {
    await using service = await new ScoringService().start();
    service.answer = answering(401, { 'x-ms-run-function-failed': 'False' }, 'script says no');

    expect(await rejection(scorerOf().run(service.url, {}))).toMatchObject({ code: 'SCORING_FAILED', statusCode: 401 });
    expect(service.seen).toHaveLength(1);
  });

  it('is fetched before it ends, and serves on when that fails for a passing reason', async () => {
    await using service = await new ScoringService().start();
    let fetches = 0;
    const lines: string[] = [];
    const restore = setLogSink((line) => lines.push(line));
    try {
      const scorer = scorerOf({
        fetchSecret: async () => {
          fetches += 1;
          if (fetches === 3) {
            throw new AzuremlError('SERVICE_FAILED', 'away', { retryable: true });
          }
          return { value: `token-${fetches}`, refreshAfter: Date.now() - 1 };
        },
      });
      for (let call = 0; call < 4; call += 1) {
        await scorer.run(service.url, {});
      }
      expect(service.seen.map(({ headers }) => headers.authorization)).toEqual([
        'Bearer token-1',
        'Bearer token-2',
        'Bearer token-2',
        'Bearer token-2',
      ]);
      expect(lines).toEqual([
        expect.stringContaining('the next token for scoring with "svc" could not be fetched yet: away'),
      ]);
    } finally {
      restore();
    }
  });

  it('stays while it is fresh, and is fetched again when it was changed', async () => {
    await using service = await new ScoringService().start();
    const { fetched, fetchSecret } = keys(Date.now() + 3_600_000);
    const scorer = scorerOf({ fetchSecret });
    await scorer.run(service.url, {});
    await scorer.run(service.url, {});
    expect(fetched).toHaveLength(1);
    scorer.forgetSecret();
    await scorer.run(service.url, {});
    expect(service.seen.at(-1)?.headers.authorization).toBe('Bearer top-secret-key-2');
  });

  it('that was changed while it was fetched is fetched again for the next call', async () => {
    await using service = await new ScoringService().start();
    const started = Promise.withResolvers<void>();
    const old = Promise.withResolvers<ScoringSecret>();
    let fetches = 0;
    const scorer = scorerOf({
      fetchSecret: () => {
        fetches += 1;
        started.resolve();
        return fetches === 1 ? old.promise : Promise.resolve({ value: 'new' });
      },
    });
    const before = scorer.run(service.url, {});
    await started.promise;
    scorer.forgetSecret();
    old.resolve({ value: 'old' });
    await before;
    await scorer.run(service.url, {});
    expect(service.seen.map(({ headers }) => headers.authorization)).toEqual(['Bearer old', 'Bearer new']);
  });

  it('is still fetched for the others when one of them gives up', async () => {
    await using service = await new ScoringService().start();
    const started = Promise.withResolvers<AbortSignal>();
    const key = Promise.withResolvers<ScoringSecret>();
    const scorer = scorerOf({
      fetchSecret: (signal) => {
        started.resolve(signal);
        return key.promise;
      },
    });
    const abort = new AbortController();
    const one = rejection(scorer.run(service.url, {}, { abortSignal: abort.signal }));
    const other = scorer.run(service.url, 'x');
    const signal = await started.promise;
    abort.abort(new Error('enough'));
    expect((await one).message).toBe('enough');
    expect(signal.aborted).toBe(false);
    key.resolve({ value: KEY });
    expect(await other).toBe('x');
  });

  it('is no longer fetched when nobody waits for it', async () => {
    const started = Promise.withResolvers<AbortSignal>();
    const scorer = scorerOf({
      fetchSecret: (signal) => {
        started.resolve(signal);
        return new Promise<never>(() => undefined);
      },
    });
    const abort = new AbortController();
    const call = rejection(scorer.run('https://svc.test/score', {}, { abortSignal: abort.signal }));
    const signal = await started.promise;
    abort.abort(new Error('enough'));
    expect((await call).message).toBe('enough');
    await new Promise((resolve) => setImmediate(resolve));
    expect(signal.aborted).toBe(true);
  });

  it('that cannot be fetched is told as it is', async () => {
    const cause = new AzuremlError('PERMISSION_DENIED', 'no right to read keys');
    const scorer = scorerOf({ fetchSecret: () => Promise.reject(cause) });
    expect(await rejection(scorer.run('https://svc.test/score', {}))).toBe(cause);
  });

  it('goes over http with one warning that names where', async () => {
    const lines: string[] = [];
    const restore = setLogSink((line) => lines.push(line));
    const httpClient = { sendRequest: async () => Promise.reject(new Error('nothing there')) };
    try {
      const scorer = scorerOf({ clientOptions: { httpClient } });
      await rejection(scorer.run('http://svc.test/score', {}));
      await rejection(scorer.run('http://svc.test/score', {}));
    } finally {
      restore();
    }
    expect(lines).toEqual([expect.stringContaining('the key of service "svc" goes to svc.test over http')]);
    expect(lines.join()).not.toContain('top-secret');
  });
});

describe('scoring that fails', () => {
  it.each([
    [503, true],
    [429, true],
    [500, false],
    [400, false],
  ])('is told and not sent again after %i', async (status, retryable) => {
    await using service = await new ScoringService().start();
    service.answer = answering(status, { 'x-request-id': 'req-1' }, '{"message":"the reason"}');
    const error = await rejection(scorerOf().run(service.url, {}));

    expect(error).toMatchObject({ code: 'SCORING_FAILED', statusCode: status, requestId: 'req-1', retryable });
    expect(error.message).toContain(`Service "svc" answered ${status}: the reason (request req-1). `);
    expect(service.seen).toHaveLength(1);
  });

  it('tells the status and reason of the model behind a 424', async () => {
    await using service = await new ScoringService().start();
    service.answer = answering(
      424,
      {
        'x-ms-request-id': 'req-2',
        'ms-azureml-model-error-statuscode': '500',
        'ms-azureml-model-error-reason': 'model_error',
      },
      '<html>An unexpected error</html>',
    );
    const error = await rejection(scorerOf().run(service.url, {}));

    expect(error.message).toBe(
      'Service "svc" answered 424, because the model answered 500 (model_error) (request req-2). See getLogs() for the cause.',
    );
    expect(error.details).toMatchObject({ modelStatusCode: 500, modelErrorReason: 'model_error' });
  });

  it('follows no redirect with the key', async () => {
    await using other = await new ScoringService().start();
    await using service = await new ScoringService().start();
    service.answer = answering(307, { location: other.url });
    const error = await rejection(scorerOf().run(service.url, {}));

    expect(error).toMatchObject({ code: 'SCORING_FAILED', statusCode: 307, details: { location: other.url } });
    expect(other.seen).toEqual([]);
  });

  it('does not send again when the connection breaks, and shows no key anywhere', async () => {
    await using service = await new ScoringService().start();
    service.answer = ({ socket }) => socket.destroy();
    const error = await rejection(scorerOf().run(service.url, {}));

    expect(error).toMatchObject({ code: 'WEBSERVICE_UNREACHABLE', retryable: true, details: { code: 'ECONNRESET' } });
    expect(error.message).toContain('the request was not sent again');
    expect(service.seen).toHaveLength(1);
    expect(shownIn(error)).not.toContain('top-secret');
    expect(error.cause).not.toHaveProperty('request');
  });

  it('counts an answer that breaks off as none', async () => {
    await using service = await new ScoringService().start();
    service.answer = ({ socket }, response) => {
      response.writeHead(200, { 'content-type': 'text/plain', 'content-length': '100' });
      response.write('half', () => socket.destroy());
    };
    expect(await rejection(scorerOf().run(service.url, {}))).toMatchObject({
      code: 'WEBSERVICE_UNREACHABLE',
      retryable: true,
    });
  });

  it('ends at once with the reason of the signal', async () => {
    await using service = await new ScoringService().start();
    const arrived = Promise.withResolvers<Seen>();
    service.answer = (request) => arrived.resolve(request);
    const abort = new AbortController();
    const call = rejection(scorerOf().run(service.url, {}, { abortSignal: abort.signal }));
    const { socket } = await arrived.promise;
    const closed = new Promise((resolve) => socket.once('close', resolve));
    abort.abort(new Error('no longer needed'));

    expect((await call).message).toBe('no longer needed');
    await closed;
    expect(await rejection(scorerOf().run(service.url, {}, { abortSignal: abort.signal }))).toMatchObject({
      message: 'no longer needed',
    });
    expect(service.seen).toHaveLength(1);
  });

  it('has one time limit for everything', async () => {
    await using service = await new ScoringService().start();
    service.answer = () => undefined;
    expect(await rejection(scorerOf().run(service.url, {}, { timeoutMs: 20 }))).toMatchObject({ code: 'TIMEOUT' });
    const scorer = scorerOf({ fetchSecret: () => new Promise(() => undefined) });
    expect(await rejection(scorer.run(service.url, {}, { timeoutMs: 20 }))).toMatchObject({
      code: 'TIMEOUT',
      message: expect.stringContaining('Scoring with service "svc" did not end within 20 ms'),
    });
  });
});

describe('the way of scoring requests', () => {
  it('goes through the policies of the caller and through another HTTP client', async () => {
    await using service = await new ScoringService().start();
    const names: string[] = [];
    const policy = (name: string) => ({
      name,
      sendRequest: (request: never, next: (request: never) => Promise<never>) => {
        names.push(name);
        return next(request);
      },
    });
    const scorer = scorerOf({
      clientOptions: {
        additionalPolicies: [
          { policy: policy('late'), position: 'perRetry' },
          { policy: policy('early'), position: 'perCall' },
        ],
      },
    });
    expect(await scorer.run(service.url, 'x')).toBe('x');
    expect(names).toEqual(['early', 'late']);

    const sent: string[] = [];
    const httpClient = {
      sendRequest: async (request: { url: string; headers: { get(name: string): string | undefined } }) => {
        sent.push(`${request.url} ${request.headers.get('authorization')}`);
        const { createHttpHeaders } = await import('@azure/core-rest-pipeline');
        return { request, status: 200, headers: createHttpHeaders(), bodyAsText: '[2]' } as never;
      },
    };
    expect(await scorerOf({ clientOptions: { httpClient } }).run('https://svc.test/score', {})).toEqual([2]);
    expect(sent).toEqual([`https://svc.test/score Bearer ${KEY}`]);
  });

  it('does not keep a process from ending', async () => {
    await using service = await new ScoringService().start();
    const hooks = pathToFileURL(join(FIXTURES, 'resolve-sources.mjs')).href;
    const args = ['--import', hooks, join(FIXTURES, 'score-and-end.ts'), service.url];
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 20_000 });
    expect(stdout).toBe('{"ended":true}\n');
    expect(service.seen).toHaveLength(2);
    expect(new Set(service.seen.map(({ socket }) => socket)).size).toBe(1);
  });
});

function shownIn(error: Error): string {
  return [
    error.message,
    inspect(error, { depth: 9, showHidden: true }),
    inspect(error.cause, { depth: 9, showHidden: true }),
    JSON.stringify(error),
    JSON.stringify(error.cause),
  ].join('\n');
}
