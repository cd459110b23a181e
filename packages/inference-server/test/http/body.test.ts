import { AsyncLocalStorage } from 'node:async_hooks';
import { once } from 'node:events';
import { Server } from 'node:http';
import { connect } from 'node:net';
import { currentRequest } from '@azureml-ts/common';
import fc from 'fast-check';
import { exchange } from '../raw-http.ts';
import { running } from '../running.ts';

const LAST = 'connection: close\r\n';

function post(body: Buffer, headers = ''): Buffer {
  return Buffer.concat([
    Buffer.from(`POST /score HTTP/1.1\r\nhost: a\r\n${headers}content-length: ${body.length}\r\n\r\n`),
    body,
  ]);
}

function chunked(body: Buffer, size: number): Buffer {
  const parts: Buffer[] = [Buffer.from(`POST /score HTTP/1.1\r\nhost: a\r\n${LAST}transfer-encoding: chunked\r\n\r\n`)];
  for (let start = 0; start < body.length; start += size) {
    const part = body.subarray(start, start + size);
    parts.push(Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n'));
  }
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')]);
}

/** The bodies of all answers that came over a connection. */
function bodiesOf(text: string): string[] {
  return text
    .split('HTTP/1.1 ')
    .slice(1)
    .map((answer) => answer.split('\r\n\r\n')[1] as string);
}

describe('the body of a request', () => {
  it('is the same however it is cut into pieces on its way', async () => {
    await using server = await running((rawData) => [...rawData].length);
    const { port } = server.server;
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'binary', maxLength: 40 }),
        fc.nat(),
        fc.integer({ min: 1, max: 7 }),
        async (text, cut, size) => {
          const body = Buffer.from(text.replace(/[\ud800-\udfff]|\ufeff/g, 'é'));
          const expected = String([...body.toString()].length);
          const whole = post(body, LAST);
          const at = cut % whole.length;
          const socket = connect(port, '127.0.0.1');
          let answer = '';
          socket.on('data', (chunk) => {
            answer += chunk;
          });
          socket.write(whole.subarray(0, at));
          // What is written now is read by the server before the rest is sent.
          await fetch(server.server.url);
          socket.write(whole.subarray(at));
          await once(socket, 'close');
          expect(bodiesOf(answer)).toEqual([expected]);
          expect(bodiesOf(await exchange(port, chunked(body, size)))).toEqual([expected]);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('may be empty', async () => {
    await using server = await running((rawData) => [rawData]);
    const answer = await exchange(server.server.port, post(Buffer.alloc(0), LAST));
    expect(bodiesOf(answer)).toEqual(['[""]']);
  });

  it('may hold the character that stands for what is no text', async () => {
    await using server = await running((rawData) => rawData);
    expect(await (await server.post('a\ufffdb')).json()).toBe('a\ufffdb');
    expect((await server.post(Buffer.from([0x61, 0xff]))).status).toBe(400);
  });

  it('is that of its own request when several come in one piece, and so is the context', async () => {
    await using server = await running(async (rawData) => {
      const { requestId } = currentRequest() ?? {};
      await new Promise((resolve) => setImmediate(resolve));
      return [rawData, requestId, currentRequest()?.requestId];
    });
    const requests = ['1', '2', '3'].map((id) =>
      post(Buffer.from(id), `x-request-id: r-${id}\r\n${id === '3' ? LAST : ''}`),
    );
    const answer = await exchange(server.server.port, Buffer.concat(requests));
    expect(bodiesOf(answer).map((body) => JSON.parse(body))).toEqual([
      ['1', 'r-1', 'r-1'],
      ['2', 'r-2', 'r-2'],
      ['3', 'r-3', 'r-3'],
    ]);
  });

  it('is scored in the context of whoever watches requests from outside', async () => {
    const storage = new AsyncLocalStorage<string>();
    const { emit } = Server.prototype;
    // As instrumentations do it.
    Server.prototype.emit = function (this: Server, event: string, ...args: unknown[]): boolean {
      const pass = () => emit.apply(this, [event, ...args] as never);
      return event === 'request' ? storage.run('watched', pass) : pass();
    } as never;
    try {
      await using server = await running(() => storage.getStore());
      expect(await (await server.post('a')).json()).toBe('watched');
    } finally {
      Server.prototype.emit = emit;
    }
  });

  it('that is not read leaves the connection for the next request', async () => {
    await using server = await running((rawData) => rawData);
    const refused = Buffer.from(String(post(Buffer.from('x'.repeat(1000)))).replace('/score', '/nothing'));
    const answer = await exchange(server.server.port, Buffer.concat([refused, post(Buffer.from('b'), LAST)]));
    expect(bodiesOf(answer)[1]).toBe('"b"');
  });
});
