import { once } from 'node:events';
import { connect } from 'node:net';
import { currentRequest } from '@azureml-ts/common';
import { rawHttp, ScoringResponse } from '../../src/index.ts';
import { ask } from '../raw-http.ts';
import { running } from '../running.ts';

describe('rawHttp', () => {
  it('gives the request itself: method, url, headers and bytes', async () => {
    await using server = await running(
      rawHttp(async (request) => ({
        method: request.method,
        url: request.url,
        mine: request.headers.get('x-mine'),
        bytes: [...(await request.bytes())],
        id: currentRequest()?.requestId,
      })),
    );
    const { url } = server.server;
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      const response = await fetch(`${url}/score?a=1`, {
        method,
        body: Uint8Array.of(0, 255),
        headers: { 'x-mine': 'a', 'x-request-id': 'r' },
      });
      expect(await response.json()).toEqual({ method, url: `${url}/score?a=1`, mine: 'a', bytes: [0, 255], id: 'r' });
    }
    const get = await fetch(`${url}/score`, { headers: { 'x-mine': 'b' } });
    expect(await get.json()).toMatchObject({ method: 'GET', mine: 'b', bytes: [] });
  });

  it('is called for OPTIONS, too, and answers by a Response', async () => {
    await using server = await running(
      rawHttp((request) => new Response(null, { status: 204, headers: { 'x-method': request.method } })),
    );
    const response = await fetch(`${server.server.url}/score`, { method: 'OPTIONS' });
    expect([
      response.status,
      response.headers.get('x-method'),
      response.headers.get('x-ms-run-function-failed'),
    ]).toEqual([204, 'OPTIONS', 'False']);
  });

  it('leaves it to the configured origins which pages may call', async () => {
    await using server = await running(
      rawHttp(() => new ScoringResponse('called')),
      { corsOrigins: ['https://a.example.com'] },
    );
    const ask = (origin: string) =>
      fetch(`${server.server.url}/score`, {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'PUT' },
      });
    const known = await ask('https://a.example.com');
    expect([await known.text(), known.headers.get('access-control-allow-methods')]).toEqual([
      '',
      'GET, HEAD, POST, PUT, PATCH, DELETE',
    ]);
    expect(await (await ask('https://b.example.com')).text()).toBe('called');
  });

  it('reads the body bit by bit, and only what run() asks for', async () => {
    await using server = await running(
      rawHttp(async (request) => {
        const reader = (request.body as ReadableStream<Uint8Array>).getReader();
        const first = await reader.read();
        return Buffer.from(first.value ?? []).toString();
      }),
    );
    const socket = connect(server.server.port, '127.0.0.1');
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.write('POST /score HTTP/1.1\r\nhost: a\r\ncontent-length: 1000\r\n\r\nabc');
    await once(socket, 'data');
    const answer = Buffer.concat(chunks).toString();
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(answer.toLowerCase()).toContain('connection: close');
    expect(answer).toMatch(/\r\n\r\n"abc"$/);
    socket.destroy();
  });

  it('answers 413 for a body over the limit, announced or not', async () => {
    await using server = await running(
      rawHttp(async (request) => (await request.bytes()).length),
      { maxBodyBytes: 1_000 },
    );
    const announced = await server.post('x'.repeat(1_001));
    expect(announced.status).toBe(413);
    const chunk = `400\r\n${'x'.repeat(1024)}\r\n`;
    const grown = await ask(
      server.server.port,
      'POST /score HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n',
      chunk,
      '0\r\n\r\n',
    );
    expect([grown.status, JSON.parse(grown.body)]).toEqual([413, { message: expect.stringContaining('1000 bytes') }]);
    expect(await (await server.post('x'.repeat(1_000))).json()).toBe(1_000);
  });

  it('aborts the signal when the caller goes away', async () => {
    const entered = Promise.withResolvers<void>();
    const aborted = Promise.withResolvers<void>();
    await using server = await running(
      rawHttp(async (request) => {
        request.signal.addEventListener('abort', () => aborted.resolve());
        entered.resolve();
        await aborted.promise;
        return 1;
      }),
    );
    const socket = connect(server.server.port, '127.0.0.1');
    socket.write('GET /score HTTP/1.1\r\nhost: a\r\n\r\n');
    await entered.promise;
    socket.destroy();
    await aborted.promise;
  });

  it('does not abort the signal of a request that was answered', async () => {
    let signal: AbortSignal | undefined;
    await using server = await running(
      rawHttp((request) => {
        ({ signal } = request);
        return 1;
      }),
    );
    await (await server.post('x')).json();
    await server.server.close();
    expect(signal?.aborted).toBe(false);
  });

  it('concerns only the function that it is given', async () => {
    const plain = (rawData: unknown) => typeof rawData;
    rawHttp(plain);
    await using server = await running(plain);
    expect(await (await server.post('x')).json()).toBe('string');
  });

  it.each([
    ['TRACE', 'TRACE /score HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n', 405],
    ['a host that is none', 'GET /score HTTP/1.1\r\nhost: a b\r\nconnection: close\r\n\r\n', 400],
  ])('is not called for %s', async (_what, request, status) => {
    await using server = await running(
      rawHttp(() => {
        throw new Error('called');
      }),
    );
    expect((await ask(server.server.port, request)).status).toBe(status);
  });

  it('needs a function', () => {
    expect(() => rawHttp(5 as never)).toThrow('run must be a function');
  });
});
