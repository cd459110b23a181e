import { once } from 'node:events';
import { Agent, createServer, type IncomingHttpHeaders, type RequestOptions, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type BlobFaultProxy, startBlobFaultProxy } from '../../src/index.ts';

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const APPEND = '/acct/modeldata/data.csv?comp=appendblock';

describe('the blob fault proxy', () => {
  let target: Server;
  let seen: Seen[];
  let proxy: BlobFaultProxy;
  let connectionString: string;

  beforeEach(async () => {
    seen = [];
    target = createServer((incoming, response) => {
      let body = '';
      incoming.setEncoding('utf8').on('data', (text) => {
        body += text;
      });
      incoming.on('end', () => {
        seen.push({ method: incoming.method ?? '', url: incoming.url ?? '', headers: incoming.headers, body });
        response.writeHead(201, { etag: '"1"', 'x-ms-request-id': 'r' }).end(`stored ${body.length}`);
      });
    }).listen(0, '127.0.0.1');
    await once(target, 'listening');
    const { port } = target.address() as AddressInfo;
    connectionString = `AccountName=acct;AccountKey=a2V5;BlobEndpoint=http://127.0.0.1:${port}/acct;`;
    proxy = await startBlobFaultProxy({ target: connectionString });
  });

  afterEach(async () => {
    await proxy.close();
    target.closeAllConnections();
    target.close();
    await once(target, 'close');
  });

  const root = () => proxy.url.replace(/\/acct$/, '');
  const put = (path = APPEND, body = 'a,b\n1,2\n') => fetch(root() + path, { method: 'PUT', body });

  it('keeps account and key in its connection string and leads to itself', () => {
    expect(proxy.connectionString).toBe(
      `DefaultEndpointsProtocol=http;AccountName=acct;AccountKey=a2V5;BlobEndpoint=${proxy.url};`,
    );
    expect(proxy.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/acct$/);
  });

  it('hands a request on with path, query, headers and body as they came, and the answer back', async () => {
    const answer = await fetch(`${root()}/acct/model%20data/%E2%82%AC.csv?comp=appendblock&x=a%2Bb`, {
      method: 'PUT',
      headers: { 'x-ms-date': 'now', authorization: 'SharedKey acct:signature' },
      body: 'rows',
    });

    expect(answer.status).toBe(201);
    expect(answer.headers.get('etag')).toBe('"1"');
    expect(await answer.text()).toBe('stored 4');
    expect(seen).toMatchObject([
      {
        method: 'PUT',
        url: '/acct/model%20data/%E2%82%AC.csv?comp=appendblock&x=a%2Bb',
        headers: { 'x-ms-date': 'now', authorization: 'SharedKey acct:signature', host: `127.0.0.1:${portOf(target)}` },
        body: 'rows',
      },
    ]);
    expect(proxy.requests()).toMatchObject([{ forwarded: true, targetStatus: 201, status: 201, fault: undefined }]);
  });

  it('streams: the target has the first half of a body before the second is sent', async () => {
    const agent = new Agent();
    const options: RequestOptions = { agent, method: 'PUT', headers: { 'content-length': '8' } };
    const firstHalf = new Promise<string>((resolve) => {
      target.prependOnceListener('request', (incoming) => {
        incoming.once('data', (chunk: Buffer) => resolve(chunk.toString()));
      });
    });
    const outgoing = request(root() + APPEND, options);
    const answered = once(outgoing, 'response');
    outgoing.write('1234');

    expect(await firstHalf).toBe('1234');
    outgoing.end('5678');
    const [response] = await answered;
    response.resume();
    agent.destroy();
    expect(seen[0]?.body).toBe('12345678');
  });

  it('answers with a status and a storage error code, n times, without the store', async () => {
    proxy.inject({ kind: 'answer', status: 503, errorCode: 'ServerBusy', headers: { 'retry-after': '1' }, times: 2 });
    const first = await put();

    expect(first.status).toBe(503);
    expect(first.headers.get('x-ms-error-code')).toBe('ServerBusy');
    expect(first.headers.get('retry-after')).toBe('1');
    expect(await first.text()).toContain('<Code>ServerBusy</Code>');
    expect((await put()).status).toBe(503);
    expect((await put()).status).toBe(201);
    expect(seen).toHaveLength(1);
    expect(proxy.hits()).toBe(2);
  });

  it('loses the answer after the store did the work', async () => {
    const fault = proxy.inject({ kind: 'loseAnswer', times: 1 });

    await expect(put()).rejects.toThrow('fetch failed');
    expect(seen).toHaveLength(1);
    expect(fault.hits).toBe(1);
    expect(proxy.requests()).toMatchObject([{ forwarded: true, targetStatus: 201, status: undefined }]);
    expect((await put()).status).toBe(201);
  });

  it('cuts the connection before the store sees anything', async () => {
    proxy.inject({ kind: 'cut', times: 1 });

    await expect(put()).rejects.toThrow('fetch failed');
    expect(seen).toEqual([]);
    expect(proxy.requests()).toMatchObject([{ fault: 'cut', forwarded: false }]);
  });

  it('delays a request and then hands it on', async () => {
    proxy.inject({ kind: 'delay', delayMs: 30 });
    const before = performance.now();

    expect((await put()).status).toBe(201);
    // Timers may fire a little early against the other clock.
    expect(performance.now() - before).toBeGreaterThan(25);
  });

  it('lets a request hang until the fault is taken back', async () => {
    const fault = proxy.inject({ kind: 'hang' });
    const held = put().then(
      () => 'answered',
      () => 'cut',
    );
    // A second request, of another kind, passes while the first hangs.
    while (fault.hits === 0) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    fault.remove();

    expect(await held).toBe('cut');
    expect(seen).toEqual([]);
    expect((await put()).status).toBe(201);
  });

  it('lets a client give up on a hanging request', async () => {
    const fault = proxy.inject({ kind: 'hang' });
    const controller = new AbortController();
    const held = fetch(root() + APPEND, { method: 'PUT', body: 'x', signal: controller.signal });
    while (fault.hits === 0) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    controller.abort();

    await expect(held).rejects.toThrow('aborted');
  });

  it('meets only the method, path and operation that it names', async () => {
    proxy.inject({ kind: 'answer', status: 500, method: 'put', path: /\.csv$/, query: 'comp=appendblock' });

    expect((await put()).status).toBe(500);
    expect((await put('/acct/modeldata/data.csv?comp=metadata')).status).toBe(201);
    expect((await put('/acct/modeldata/data.json?comp=appendblock')).status).toBe(201);
    expect((await fetch(`${root()}${APPEND}`)).status).toBe(201);
  });

  it('lets the first requests through when asked to', async () => {
    proxy.inject({ kind: 'answer', status: 500, path: 'data.csv', after: 2, times: 1 });
    const statuses: number[] = [];
    for (let i = 0; i < 4; i++) {
      statuses.push((await put()).status);
    }

    expect(statuses).toEqual([201, 201, 500, 201]);
  });

  it('hits the same requests of a share for the same seed', async () => {
    const run = async (seed: number) => {
      const fault = proxy.inject({ kind: 'answer', status: 500, probability: 0.5, seed });
      const statuses: number[] = [];
      for (let i = 0; i < 20; i++) {
        statuses.push((await put()).status);
      }
      fault.remove();
      return statuses.join();
    };
    const first = await run(7);

    expect(first).toContain('500');
    expect(first).toContain('201');
    expect(await run(7)).toBe(first);
    expect(await run(8)).not.toBe(first);
  });

  it('takes back all faults and forgets the requests on clear', async () => {
    proxy.inject({ kind: 'answer', status: 500 });
    await put();
    proxy.clear();

    expect(proxy.faults()).toEqual([]);
    expect(proxy.requests()).toEqual([]);
    expect(proxy.hits()).toBe(0);
    expect((await put()).status).toBe(201);
  });

  it('cuts the connection when the target is gone, as if there were no proxy', async () => {
    target.closeAllConnections();
    target.close();
    await once(target, 'close');

    await expect(put()).rejects.toThrow('fetch failed');
    // For afterEach.
    target.listen(0);
    await once(target, 'listening');
  });

  it('does not keep a signature of shared access in its list', async () => {
    await put('/acct/c/b?sv=1&sig=secret&se=2');

    expect(proxy.requests()[0]?.query).toBe('sv=1&sig=[redacted]&se=2');
    expect(seen[0]?.url).toContain('sig=secret');
  });

  it.each(['', 'AccountKey=abc', 'BlobEndpoint=nonsense'])('refuses the target %j without quoting it', async (text) => {
    await expect(startBlobFaultProxy({ target: text })).rejects.toMatchObject({
      code: 'VALIDATION',
      path: 'target',
      message: 'target must be a storage connection string with BlobEndpoint, or with AccountName.',
    });
  });

  it('refuses a chance above 1 and a status that is none', () => {
    expect(() => proxy.inject({ kind: 'cut', probability: 2 })).toThrow('fault.probability');
    expect(() => proxy.inject({ kind: 'answer', status: 42 })).toThrow('fault.status');
  });
});

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
