import { once } from 'node:events';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { isAzuremlError } from '@azureml-ts/common';
import { jsonLines, ScoringResponse } from '../../src/index.ts';
import { ask } from '../raw-http.ts';
import { running } from '../running.ts';

/** What `fetch` shows of the answer to a function's result. */
async function answer(make: () => unknown, method = 'POST') {
  await using server = await running(() => make());
  const response = await fetch(`${server.server.url}/score`, { method });
  return { status: response.status, headers: response.headers, text: await response.text(), lines: server.lines };
}

describe('a ScoringResponse', () => {
  it.each<[what: string, body: unknown, type: string | null, text: string]>([
    ['a text', 'é', 'text/plain; charset=utf-8', 'é'],
    ['bytes', Buffer.from('abc'), 'application/octet-stream', 'abc'],
    ['a value', { a: [1n] }, 'application/json', '{"a":[1]}'],
    ['null', null, 'application/json', 'null'],
    ['nothing', undefined, null, ''],
  ])('sends %s as what it is', async (_what, body, type, text) => {
    const got = await answer(() => new ScoringResponse(body));
    expect([got.status, got.headers.get('content-type'), got.text]).toEqual([200, type, text]);
    expect(got.headers.get('x-ms-run-function-failed')).toBe('False');
    expect(got.headers.get('x-ms-run-fn-exec-ms')).toMatch(/^\d+\.\d{3}$/);
  });

  it('has the status, the type and the headers it is given; those of the server stay', async () => {
    const got = await answer(
      () =>
        new ScoringResponse('{"a":1}', {
          status: 418,
          contentType: 'application/problem+json',
          headers: {
            'X-Model': 'a, b',
            'set-cookie': ['a=1', 'b=2'],
            'x-request-id': 'forged',
            'Content-Length': '99',
            connection: 'close',
          },
        }),
    );
    expect([got.status, got.headers.get('content-type'), got.text]).toEqual([
      418,
      'application/problem+json',
      '{"a":1}',
    ]);
    expect([got.headers.get('x-model'), got.headers.getSetCookie()]).toEqual(['a, b', ['a=1', 'b=2']]);
    expect([got.headers.get('x-request-id'), got.headers.get('connection')]).toEqual([
      expect.stringMatching(/^[0-9a-f-]{36}$/),
      'keep-alive',
    ]);
    expect(got.headers.get('x-ms-run-function-failed')).toBe('False');
  });

  it('counts as a failure of run() from 500 on, unless it says otherwise', async () => {
    const failed = async (status: number, runFunctionFailed?: boolean) =>
      (await answer(() => new ScoringResponse('', { status, runFunctionFailed }))).headers.get(
        'x-ms-run-function-failed',
      );
    expect([await failed(499), await failed(500), await failed(503, false), await failed(200, true)]).toEqual([
      'False',
      'True',
      'False',
      'True',
    ]);
  });

  it('without a body has none, whatever it was given', async () => {
    for (const status of [204, 205, 304]) {
      const got = await answer(() => new ScoringResponse('x', { status }));
      expect([got.status, got.text]).toEqual([status, '']);
    }
  });

  it('with a value that JSON cannot hold is 500', async () => {
    const got = await answer(() => new ScoringResponse({ a: Number.NaN }));
    expect([got.status, got.text]).toEqual([500, expect.stringContaining('result.a is NaN')]);
  });

  it.each([
    ['status', { status: 600 }],
    ['status', { status: 100 }],
    ['headers.a b', { headers: { 'a b': 'x' } }],
    ['headers.a', { headers: { a: 'x\r\ny: z' } }],
    ['headers.a', { headers: { a: 5 as never } }],
    ['headers.content-type', { contentType: 'a\nb' }],
  ])('refuses a wrong %s', (path, options) => {
    let caught: unknown;
    try {
      new ScoringResponse('', options);
    } catch (error) {
      caught = error;
    }
    expect(isAzuremlError(caught, 'VALIDATION') && caught.details['path']).toBe(path);
  });
});

describe('a web Response', () => {
  it('is sent as it is', async () => {
    const headers = new Headers([
      ['x-a', '1'],
      ['set-cookie', 'a=1'],
      ['set-cookie', 'b=2'],
      ['vary', 'accept'],
    ]);
    const got = await answer(() => Response.json({ a: 1 }, { status: 201, headers }));
    expect([got.status, got.headers.get('content-type'), got.text]).toEqual([201, 'application/json', '{"a":1}']);
    expect([got.headers.get('x-a'), got.headers.getSetCookie(), got.headers.get('content-length')]).toEqual([
      '1',
      ['a=1', 'b=2'],
      '7',
    ]);
  });

  it('keeps its bytes', async () => {
    await using server = await running(() => new Response(Uint8Array.of(0, 255, 254)));
    const response = await server.post('');
    expect([response.headers.get('content-type'), [...(await response.bytes())]]).toEqual([null, [0, 255, 254]]);
  });

  it('of HEAD has no body', async () => {
    const got = await answer(() => new Response(Readable.toWeb(Readable.from(['a', 'b'])) as ReadableStream), 'HEAD');
    expect([got.status, got.text]).toEqual([200, '']);
  });

  it.each([
    ['that is an error', () => Response.error(), 'status 0'],
    [
      'that was read already',
      async () => {
        const response = new Response('a');
        await response.text();
        return response;
      },
      'read already',
    ],
  ])('%s is 500', async (_what, make, part) => {
    const got = await answer(make);
    expect([got.status, got.text]).toEqual([500, expect.stringContaining(part)]);
  });
});

describe('an answer that comes bit by bit', () => {
  it('is sent as it comes', async () => {
    const gate = Promise.withResolvers<void>();
    async function* values() {
      yield { n: 1 };
      await gate.promise;
      yield { n: 2 };
    }
    await using server = await running(() => jsonLines(values()));
    const response = await server.post('');
    expect(response.headers.get('content-type')).toBe('application/x-ndjson');
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    expect(Buffer.from((await reader.read()).value ?? []).toString()).toBe('{"n":1}\n');
    gate.resolve();
    expect(Buffer.from((await reader.read()).value ?? []).toString()).toBe('{"n":2}\n');
    expect((await reader.read()).done).toBe(true);
  });

  it.each<[what: string, make: () => unknown]>([
    ['a generator', () => ['a', Buffer.from('b'), new Uint8Array([99]).buffer][Symbol.iterator]()],
    ['a stream of Node', () => Readable.from(['a', 'b', 'c'])],
    ['a web stream', () => Readable.toWeb(Readable.from(['a', 'b', 'c']))],
    ['a stream with nothing', () => Readable.from([])],
  ])('may be %s', async (what, make) => {
    const got = await answer(() => new ScoringResponse(make(), { contentType: 'text/csv' }));
    expect([got.status, got.headers.get('content-type'), got.text]).toEqual([
      200,
      'text/csv',
      what === 'a stream with nothing' ? '' : 'abc',
    ]);
  });

  it('is 500 when it fails before its first part', async () => {
    async function* values() {
      yield await Promise.reject(new Error('no token'));
    }
    const got = await answer(() => jsonLines(values()));
    expect([got.status, got.text]).toEqual([500, expect.stringContaining('no token')]);
  });

  it('is cut when it fails later, and the log says why', async () => {
    async function* values() {
      yield 1;
      yield 2;
      await new Promise((resolve) => setImmediate(resolve));
      yield { bad: Number.NaN };
    }
    await using server = await running(() => jsonLines(values()));
    const response = await server.post('', { 'x-request-id': 'r-1' });
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow('terminated');
    expect(server.lines.join('\n')).toMatch(/An answer was cut: .*result\.bad is NaN.* \(request-id=r-1\)/);
  });

  it('is cut when scoring takes too long', async () => {
    async function* values() {
      yield 1;
      yield 2;
      await new Promise(() => undefined);
    }
    await using server = await running(() => jsonLines(values()), { scoringTimeoutMs: 100 });
    const response = await server.post('');
    await expect(response.text()).rejects.toThrow('terminated');
    expect(server.lines.join('\n')).toContain('it took longer than scoring may take');
  });

  it('ends when the caller goes away', async () => {
    const ended = Promise.withResolvers<string>();
    async function* values() {
      try {
        for (let n = 0; ; n++) {
          yield { n, text: 'x'.repeat(10_000) };
          await new Promise((resolve) => setImmediate(resolve));
        }
      } finally {
        ended.resolve('ended');
      }
    }
    await using server = await running(() => jsonLines(values()));
    const socket = connect(server.server.port, '127.0.0.1');
    socket.write('GET /score HTTP/1.1\r\nhost: a\r\n\r\n');
    await once(socket, 'data');
    socket.destroy();
    expect(await ended.promise).toBe('ended');
  });

  it('waits for a caller that reads slowly', async () => {
    let given = 0;
    async function* values() {
      for (; given < 2_000; given++) {
        yield 'x'.repeat(100_000);
      }
    }
    await using server = await running(() => new ScoringResponse(values()));
    const socket = connect({ port: server.server.port, host: '127.0.0.1' });
    socket.write('GET /score HTTP/1.1\r\nhost: a\r\n\r\n');
    await once(socket, 'data');
    socket.pause();
    let before = -1;
    while (given !== before) {
      before = given;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(given).toBeLessThan(1_000);
    socket.destroy();
  });

  it('may not be returned bare, nor give values that are no bytes', async () => {
    async function* values() {
      yield 1;
    }
    const bare = await answer(() => values());
    expect([bare.status, bare.text]).toEqual([500, expect.stringContaining('async iterator')]);
    const wrong = await answer(() => new ScoringResponse(values()));
    expect([wrong.status, wrong.text]).toEqual([500, expect.stringContaining('jsonLines')]);
    expect(() => jsonLines(5 as never)).toThrow('values must be');
  });
});

describe('a client that has gone before its answer', () => {
  it('is 499 in the log', async () => {
    const entered = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    await using server = await running(async () => {
      entered.resolve();
      await release.promise;
      return 1;
    });
    const socket = connect(server.server.port, '127.0.0.1');
    socket.write('GET /score HTTP/1.1\r\nhost: a\r\n\r\n');
    await entered.promise;
    socket.destroy();
    // The server has seen it once it answers another connection.
    expect((await ask(server.server.port, 'GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n')).status).toBe(200);
    release.resolve();
    await server.server.close();
    expect(server.lines.join('\n')).toContain('GET /score 499');
  });
});
