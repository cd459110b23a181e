import { once } from 'node:events';
import { connect } from 'node:net';
import { rawHttp } from '../../src/index.ts';
import { ask } from '../raw-http.ts';
import { running } from '../running.ts';

describe('a client that is slow', () => {
  it('with its headers gets 408 in the form of every error', async () => {
    await using server = await running(() => 1, { headersTimeoutMs: 100 });
    const answer = await ask(server.server.port, 'POST /score HTTP/1.1\r\nhost: a\r\n');
    expect(answer.status).toBe(408);
    expect(JSON.parse(answer.body)).toEqual({ message: 'The request did not arrive in time.' });
    expect(answer.headers).toMatchObject({
      connection: 'close',
      'x-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(server.lines.filter((line) => / W \[\d+\] - - 408 /.test(line))).toHaveLength(1);
  });

  it('with its body gets 408 under its own id, and that is what the log says', async () => {
    await using server = await running(() => 1, { requestTimeoutMs: 150 });
    const answer = await ask(
      server.server.port,
      'POST /score HTTP/1.1\r\nhost: a\r\nx-request-id: r-1\r\ncontent-length: 10\r\n\r\nabc',
    );
    expect(answer.status).toBe(408);
    expect(answer.headers).toMatchObject({ connection: 'close', 'x-request-id': 'r-1' });
    expect(server.lines.filter((line) => /POST \/score 408 .* request-id=r-1$/.test(line))).toHaveLength(1);
  });

  it('does not hold up others', async () => {
    await using server = await running((rawData) => rawData);
    const sockets = Array.from({ length: 50 }, () => connect(server.server.port, '127.0.0.1'));
    for (const socket of sockets) {
      await once(socket, 'connect');
      socket.write('POST /score HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\nabc');
    }
    expect(await (await server.post('now')).json()).toBe('now');
    for (const socket of sockets) socket.destroy();
  });
});

describe.each([
  ['read by the server', (rawData: string) => rawData],
  ['read by the script', rawHttp(async (request) => request.text())],
])('a body %s', (_what, run) => {
  it.each([
    ['that ends too early', 'content-length: 10\r\n\r\nabc', 'The request ended before it was whole.'],
    ['whose last chunk ends too early', 'transfer-encoding: chunked\r\n\r\n5\r\nab', 'ended before it was whole.'],
    ['whose chunks are none', 'transfer-encoding: chunked\r\n\r\nzz\r\nab', 'is not valid HTTP.'],
  ])('%s is 400 under the id of its request, with one line in the log', async (_case, rest, message) => {
    await using server = await running(run);
    const socket = connect(server.server.port, '127.0.0.1');
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.end(`POST /score HTTP/1.1\r\nhost: a\r\nx-request-id: r-1\r\n${rest}`);
    await once(socket, 'close');
    const answer = Buffer.concat(chunks).toString();
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain(`${message}"}`);
    expect(answer).toMatch(/\r\nx-request-id: r-1\r\n/);
    expect(answer.toLowerCase()).toContain('\r\nconnection: close\r\n');
    expect(server.lines).toEqual([expect.stringMatching(/ W \[\d+\] POST \/score 400 .* request-id=r-1$/)]);
  });

  it('of a client that breaks off is 499, and no failure of the script', async () => {
    await using server = await running(run);
    const socket = connect(server.server.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write('POST /score HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\nabc');
    // A whole request on its heels shows that the server has read the first one's head.
    await (await server.post('x')).text();
    socket.resetAndDestroy();
    await new Promise<void>((resolve) => {
      const look = () => (server.lines.length === 2 ? resolve() : setImmediate(look));
      look();
    });
    expect(server.lines[1]).toMatch(/ W \[\d+\] POST \/score 499 /);
  });
});

describe('headers that are too large', () => {
  it('are refused with 431 that names the limit', async () => {
    await using server = await running(() => 1, { maxHeaderBytes: 2_000 });
    const request = (size: number) =>
      `GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\nx: ${'x'.repeat(size)}\r\n\r\n`;
    expect((await ask(server.server.port, request(1_500))).status).toBe(200);
    const answer = await ask(server.server.port, request(3_000));
    expect([answer.status, JSON.parse(answer.body)]).toEqual([431, { message: expect.stringContaining('2000 bytes') }]);
  });
});
