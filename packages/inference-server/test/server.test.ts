import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { currentRequest, isAzuremlError } from '@azureml-ts/common';
import { startServer } from '../src/index.ts';
import { exchange } from './raw-http.ts';
import { type Running, running } from './running.ts';

const open: Running[] = [];
async function start(...args: Parameters<typeof running>): Promise<Running> {
  const started = await running(...args);
  open.push(started);
  return started;
}
afterEach(async () => {
  await Promise.all(open.splice(0).map(({ server }) => server.close()));
});

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('GET /', () => {
  it('answers Healthy as HTML and writes no log line', async () => {
    const { server, lines } = await start(() => 1);
    const response = await fetch(server.url);
    expect([response.status, await response.text()]).toEqual([200, 'Healthy']);
    expect(response.headers.get('content-type')).toMatch(/^text\/html/);
    const head = await fetch(server.url, { method: 'HEAD' });
    expect([head.status, await head.text(), head.headers.get('content-length')]).toEqual([200, '', '7']);
    expect(lines).toEqual([]);
  });
});

describe('routes', () => {
  it('refuses other methods with 405 and the allowed ones', async () => {
    const { server } = await start(() => 1);
    const cases: [method: string, path: string, allow: string][] = [
      ['POST', '/', 'GET, HEAD'],
      ['POST', '/ready', 'GET, HEAD'],
      ['POST', '/swagger.json', 'GET, HEAD'],
      ['PUT', '/score', 'GET, HEAD, POST, OPTIONS'],
      ['DELETE', '/score', 'GET, HEAD, POST, OPTIONS'],
    ];
    for (const [method, path, allow] of cases) {
      const response = await fetch(server.url + path, { method });
      expect([method, path, response.status, response.headers.get('allow')]).toEqual([method, path, 405, allow]);
      expect(await response.json()).toEqual({ message: expect.stringContaining(allow) });
      expect(response.headers.get('x-ms-run-function-failed')).toBe('False');
    }
  });

  it('answers 404 as JSON with the ids for anything else', async () => {
    const { server } = await start(() => 1);
    const response = await fetch(`${server.url}/nothing?x=1`, { headers: { 'x-request-id': 'r-1' } });
    expect(response.status).toBe(404);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(response.headers.get('x-request-id')).toBe('r-1');
    expect(await response.json()).toEqual({ message: expect.stringContaining('/score') });
  });

  it('does not take the query for a part of the path', async () => {
    const { server } = await start(() => 'ok');
    expect((await fetch(`${server.url}/score?x=1`, { method: 'POST', body: '{}' })).status).toBe(200);
  });
});

describe('POST /score', () => {
  it('gives run() the body and the headers and answers its value', async () => {
    const { post } = await start(async (rawData, headers) => ({ rawData, mine: headers['x-mine'] }));
    const response = await post('[1,2] é', { 'x-mine': 'a' });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(response.headers.get('x-ms-run-function-failed')).toBe('False');
    expect(response.headers.get('x-ms-run-fn-exec-ms')).toMatch(/^\d+\.\d{3}$/);
    expect(response.headers.get('x-ms-server-version')).toMatch(/^azureml-ts\/\d/);
    expect(await response.json()).toEqual({ rawData: '[1,2] é', mine: 'a' });
  });

  it('keeps the body of a form content type', async () => {
    const { post } = await start((rawData) => rawData);
    const response = await post('{"data":[1]}', { 'content-type': 'application/x-www-form-urlencoded' });
    expect(await response.json()).toBe('{"data":[1]}');
  });

  it('answers {} when run() returns nothing', async () => {
    const { post } = await start(() => undefined);
    expect(await (await post('')).text()).toBe('{}');
  });

  it('leaves out a byte order mark and refuses what is not UTF-8', async () => {
    const { post } = await start((rawData) => JSON.parse(rawData));
    expect(await (await post(Buffer.from('\ufeff[1]'))).json()).toEqual([1]);
    const bad = await post(Buffer.from([0x7b, 0xff]));
    expect([bad.status, await bad.json()]).toEqual([400, { message: 'The body is not UTF-8 text.' }]);
  });

  it('tells the message and the request id of a failure, but no stack and no secret', async () => {
    const { post, lines } = await start(() => {
      throw new TypeError('bad row in AccountName=a;AccountKey=c2VjcmV0;');
    });
    const response = await post('{}', { 'x-request-id': 'r-7' });
    expect(response.status).toBe(500);
    expect(response.headers.get('x-ms-run-function-failed')).toBe('True');
    expect(response.headers.get('x-ms-run-fn-exec-ms')).toBeNull();
    const { message } = (await response.json()) as { message: string };
    expect(message).toContain('bad row in AccountName=a;AccountKey=[redacted]');
    expect(message).toContain('(request id r-7)');
    expect(message).not.toContain('server.test');
    const log = lines.join('\n');
    expect(log).toContain('server.test');
    expect(log).toContain('request-id=r-7');
    expect(log).not.toContain('c2VjcmV0');
  });

  it('answers 500 with the place for a value that JSON cannot hold', async () => {
    const { post } = await start(() => ({ scores: [1, Number.NaN] }));
    const response = await post('{}');
    expect(response.status).toBe(500);
    expect(response.headers.get('x-ms-run-function-failed')).toBe('False');
    expect(await response.json()).toEqual({ message: expect.stringContaining('result.scores[1] is NaN') });
  });

  it('answers 500 naming the limit when run() takes too long, waiting or busy', async () => {
    const { post } = await start(
      (rawData) => {
        if (rawData === 'busy') {
          const until = performance.now() + 60;
          while (performance.now() < until);
          return 1;
        }
        return new Promise(() => undefined);
      },
      { scoringTimeoutMs: 30 },
    );
    for (const kind of ['wait', 'busy']) {
      const response = await post(kind);
      expect([kind, response.status]).toEqual([kind, 500]);
      expect(response.headers.get('x-ms-run-function-failed')).toBe('True');
      expect(await response.json()).toEqual({ message: expect.stringContaining('30 ms') });
    }
  });
});

describe('ids', () => {
  it('makes a UUID when the caller gives no id', async () => {
    const { post } = await start(() => currentRequest()?.requestId);
    const response = await post('');
    expect(response.headers.get('x-request-id')).toMatch(UUID);
    expect(response.headers.get('x-ms-request-id')).toBe(response.headers.get('x-request-id'));
    expect(response.headers.has('x-ms-client-request-id')).toBe(false);
    expect(await response.json()).toBe(response.headers.get('x-request-id'));
  });

  it('takes over the ids of the caller, the deprecated one with a single warning', async () => {
    const { post, lines } = await start(() => currentRequest()?.clientRequestId);
    const both = await post('', { 'x-request-id': 'r', 'x-ms-client-request-id': 'c', 'x-ms-request-id': 'old' });
    expect(['x-request-id', 'x-ms-client-request-id', 'x-ms-request-id'].map((name) => both.headers.get(name))).toEqual(
      ['r', 'c', 'c'],
    );
    const old = await post('', { 'x-ms-request-id': 'old' });
    expect(await old.json()).toBe('old');
    expect(old.headers.get('x-ms-client-request-id')).toBe('old');
    expect(lines.filter((line) => line.includes('deprecated'))).toHaveLength(1);
  });

  it('refuses ids of more than 100 characters with 431', async () => {
    const { post } = await start(() => 1);
    for (const name of ['x-request-id', 'x-ms-client-request-id', 'x-ms-request-id']) {
      expect((await post('', { [name]: 'x'.repeat(100) })).status).toBe(200);
      const response = await post('', { [name]: 'x'.repeat(101) });
      expect([name, response.status]).toEqual([name, 431]);
      expect(await response.json()).toEqual({ message: expect.stringContaining(name) });
    }
  });

  it('continues the trace of the caller under a new span', async () => {
    const { post } = await start(() => ({ trace: currentRequest()?.traceId, span: currentRequest()?.spanId }));
    const trace = 'ab'.repeat(16);
    const given = (await (await post('', { traceparent: `00-${trace}-${'cd'.repeat(8)}-01` })).json()) as Record<
      string,
      string
    >;
    expect(given['trace']).toBe(trace);
    expect(given['span']).toMatch(/^[0-9a-f]{16}$/);
    expect(given['span']).not.toBe('cd'.repeat(8));
    const none = (await (await post('')).json()) as Record<string, string>;
    expect(none['trace']).toMatch(/^[0-9a-f]{32}$/);
  });

  it('never mixes the contexts of requests that run at the same time', async () => {
    const waiting: (() => void)[] = [];
    const count = 50;
    const { post } = await start(async (rawData) => {
      const before = currentRequest()?.requestId;
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
        if (waiting.length === count) {
          // All are inside run() now; they go on in another order than they came.
          for (const go of waiting.reverse()) setImmediate(go);
        }
      });
      await new Promise((resolve) => setTimeout(resolve, Number(rawData) % 7));
      return [rawData, before, currentRequest()?.requestId];
    });
    const answers = await Promise.all(
      Array.from({ length: count }, async (_, n) => (await post(String(n), { 'x-request-id': `r-${n}` })).json()),
    );
    expect(answers).toEqual(Array.from({ length: count }, (_, n) => [String(n), `r-${n}`, `r-${n}`]));
  });
});

describe('limits', () => {
  it('refuses an announced body that is too large, and one that grows too large', async () => {
    const { server, post } = await start((rawData) => rawData.length, { maxBodyBytes: 1000 });
    expect(await (await post('x'.repeat(1000))).json()).toBe(1000);
    const announced = await post('x'.repeat(1001));
    expect([announced.status, await announced.json()]).toEqual([
      413,
      { message: expect.stringContaining('1000 bytes') },
    ]);
    const port = server.port;
    const chunk = `400\r\n${'x'.repeat(1024)}\r\n`;
    const grown = await exchange(
      port,
      'POST /score HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n',
      chunk,
      '0\r\n\r\n',
    );
    expect(grown).toMatch(/^HTTP\/1\.1 413 /);
    expect(grown.toLowerCase()).toContain('connection: close');
  });

  it('lets a client that is still sending read the refusal', async () => {
    const { server } = await start(() => 1, { maxBodyBytes: 1000 });
    const large = 'x'.repeat(4_000_000);
    const answer = await exchange(
      server.port,
      `POST /score HTTP/1.1\r\nhost: a\r\ncontent-length: ${large.length}\r\n\r\n`,
      large,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer).toContain('larger than 1000 bytes');
  });

  it('does not ask for a body that is too large, and asks for one that is not', async () => {
    const { server } = await start((rawData) => rawData, { maxBodyBytes: 10 });
    const head = (length: number) =>
      `POST /score HTTP/1.1\r\nhost: a\r\nconnection: close\r\nexpect: 100-continue\r\ncontent-length: ${length}\r\n\r\n`;
    expect(await exchange(server.port, head(2), '{}')).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /);
    expect(await exchange(server.port, head(20), 'x'.repeat(20))).toMatch(/^HTTP\/1\.1 413 /);
  });

  it('answers what is not HTTP in the form of every error', async () => {
    const { server } = await start(() => 1);
    for (const request of ['nonsense\r\n\r\n', 'GET / HTTP/1.1\r\nhost: a\r\nx-request-id: a\u0001b\r\n\r\n']) {
      const answer = await exchange(server.port, request);
      expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
      expect(answer).toContain('{"message":"The request is not valid HTTP."}');
    }
    const large = await exchange(server.port, `GET / HTTP/1.1\r\nhost: a\r\nx-a: ${'a'.repeat(20_000)}\r\n\r\n`);
    expect(large).toMatch(/^HTTP\/1\.1 431 /);
  });

  it('keeps connections open for more requests', async () => {
    const { server } = await start((rawData) => rawData);
    const request = 'POST /score HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\n\r\n1';
    const last = request.replace('host: a', 'host: a\r\nconnection: close');
    const answers = await exchange(server.port, request, last);
    expect(answers.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(2);
  });

  it('goes on after a client that went away in the middle of its body', async () => {
    const { server, lines, post } = await start((rawData) => rawData);
    const { connect } = await import('node:net');
    const socket = connect(server.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write('POST /score HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\nx');
    // A second request on its heels shows that the server has read the head of the first.
    await (await post('0')).text();
    socket.destroy();
    expect(await (await post('1')).json()).toBe('1');
    await until(() => lines.some((line) => line.includes('POST /score 400')));
  });
});

describe('log', () => {
  it('has one line a request: time, level, process, method, path, status, duration, id', async () => {
    const { server, lines, post } = await start(() => 1);
    await (await post('', { 'x-request-id': 'r-1' })).text();
    await (await fetch(`${server.url}/x?sig=secret`, { headers: { 'x-request-id': 'two words' } })).text();
    await until(() => lines.length === 2);
    const time = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`;
    expect(lines[0]).toMatch(
      new RegExp(String.raw`^${time} I \[${process.pid}\] POST /score 200 \d+\.\d{3} ms 1 bytes request-id=r-1$`),
    );
    expect(lines[1]).toMatch(
      new RegExp(String.raw`^${time} W \[\d+\] GET /x 404 \d+\.\d{3} ms 82 bytes request-id="two words"$`),
    );
  });
});

describe('start and close', () => {
  it('opens the port only after init() has ended', async () => {
    const probe = createServer().listen(0, '127.0.0.1');
    await once(probe, 'listening');
    const { port } = probe.address() as AddressInfo;
    await new Promise((resolve) => probe.close(resolve));
    let refused: unknown;
    const init = async () => {
      refused = await fetch(`http://127.0.0.1:${port}/`).catch(
        (error: Error) => (error.cause as { code: string }).code,
      );
    };
    const { server } = await start(() => 1, { init, run: () => 1, port });
    expect(refused).toBe('ECONNREFUSED');
    expect((await fetch(server.url)).status).toBe(200);
  });

  it('rejects with INIT_FAILED and the cause, and opens nothing', async () => {
    const cause = new Error('no model');
    const failing = startServer({ init: () => Promise.reject(cause), run: () => 1, port: 0 });
    await expect(failing).rejects.toMatchObject({
      code: 'INIT_FAILED',
      cause,
      message: expect.stringContaining('no model'),
    });
  });

  it('rejects with PORT_IN_USE naming the port', async () => {
    const { server } = await start(() => 1);
    const second = startServer({ run: () => 1, port: server.port, host: '127.0.0.1' });
    await expect(second).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      message: expect.stringContaining(`${server.port}`),
    });
  });

  it('rejects with ENTRY_SCRIPT_NOT_FOUND or ENTRY_SCRIPT_INVALID before loading anything', async () => {
    await expect(startServer({ entryScript: 'no/such/score.ts' })).rejects.toMatchObject({
      code: 'ENTRY_SCRIPT_NOT_FOUND',
    });
    await expect(startServer({ entryScript: '.' })).rejects.toMatchObject({ code: 'ENTRY_SCRIPT_NOT_FOUND' });
    const markdown = startServer({ entryScript: 'package.json' });
    await expect(markdown).rejects.toMatchObject({
      code: 'ENTRY_SCRIPT_INVALID',
      message: expect.stringContaining('.mjs'),
    });
  });

  it('gives up a start when asked', async () => {
    const abort = new AbortController();
    const init = () => {
      abort.abort(new Error('changed my mind'));
      return new Promise(() => undefined);
    };
    const starting = startServer({ init, run: () => 1, port: 0, abortSignal: abort.signal });
    await expect(starting).rejects.toThrow('changed my mind');
  });

  it('answers what runs, then closes, and takes nothing new', async () => {
    let release: (value: unknown) => void = () => undefined;
    let entered: () => void = () => undefined;
    const inside = new Promise<void>((resolve) => {
      entered = resolve;
    });
    const { server, post } = await running(() => {
      entered();
      return new Promise((resolve) => {
        release = resolve;
      });
    });
    const pending = post('');
    await inside;
    const closing = server.close();
    // Those that come in the same moment are still answered, and told that their connection ends.
    const isRefused = () =>
      fetch(server.url).then(
        ({ headers }) => headers.get('connection') !== 'close',
        () => true,
      );
    while (!(await isRefused()));
    await expect(fetch(server.url)).rejects.toThrow();
    release('late');
    const response = await pending;
    expect([await response.json(), response.headers.get('connection')]).toEqual(['late', 'close']);
    await closing;
    await server.close();
  });

  it('cuts what runs longer than the close may take', async () => {
    let entered: () => void = () => undefined;
    const inside = new Promise<void>((resolve) => {
      entered = resolve;
    });
    const { server, post } = await running(() => {
      entered();
      return new Promise(() => undefined);
    });
    const pending = post('').catch((error: unknown) => error);
    await inside;
    await server.close({ timeoutMs: 20 });
    expect(await pending).toMatchObject({ name: 'TypeError', message: 'fetch failed' });
  });

  it('cuts a request whose body has stopped coming in after a second, and waits for the others', async () => {
    let release: (value: unknown) => void = () => undefined;
    let entered: () => void = () => undefined;
    const inside = new Promise<void>((resolve) => {
      entered = resolve;
    });
    const { server, post, lines } = await running((rawData) => {
      entered();
      return rawData === 'wait' ? new Promise((resolve) => (release = resolve)) : rawData;
    });
    const stalled = exchange(server.port, 'POST /score HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\nabc').catch(
      () => 'cut',
    );
    const pending = post('wait');
    await inside;
    const startedAt = performance.now();
    const closing = server.close({ timeoutMs: 15_000 });
    expect(['', 'cut']).toContain(await stalled);
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    release('late');
    expect(await (await pending).json()).toBe('late');
    await closing;
    expect(lines.filter((line) => line.includes('1 request was cut: the body had stopped coming in.'))).toHaveLength(1);
  });

  it('tells in its log how many requests were not answered in time', async () => {
    let entered: () => void = () => undefined;
    const inside = new Promise<void>((resolve) => {
      entered = resolve;
    });
    const { server, post, lines } = await running(() => {
      entered();
      return new Promise(() => undefined);
    });
    const pending = post('').catch(() => undefined);
    await inside;
    await server.close({ timeoutMs: 20 });
    await pending;
    expect(lines.join('\n')).toContain('1 request was cut: not answered within the time for closing.');
  });

  it('tells every 30 s that init() is still running', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'setTimeout', 'queueMicrotask', 'performance'] });
    try {
      const abort = new AbortController();
      const lines: string[] = [];
      let entered: () => void = () => undefined;
      const inside = new Promise<void>((resolve) => {
        entered = resolve;
      });
      const init = () => {
        entered();
        return new Promise(() => undefined);
      };
      const starting = startServer({
        init,
        run: () => 1,
        port: 0,
        abortSignal: abort.signal,
        onLogLine: (line) => lines.push(line),
      });
      starting.catch(() => undefined);
      await inside;
      jest.advanceTimersByTime(60_000);
      expect(lines.map((line) => line.replace(/^.*\] /, ''))).toEqual(
        [30, 60].map((n) => `init() has been running for ${n} s. The port opens once it has ended.`),
      );
      abort.abort(new Error('enough'));
      await expect(starting).rejects.toThrow('enough');
      expect(jest.getTimerCount()).toBe(0);
    } finally {
      jest.useRealTimers();
    }
  });

  it('refuses options of the wrong shape', async () => {
    const run = () => 1;
    const cases: [options: Parameters<typeof startServer>[0], path: string][] = [
      [{}, 'entryScript'],
      [{ entryScript: 'a.js', run }, 'run'],
      [{ run: 1 as never }, 'run'],
      [{ run, port: 65_536 }, 'port'],
      [{ run, maxBodyBytes: 0 }, 'maxBodyBytes'],
      [{ run, scoringTimeoutMs: 2 ** 31 }, 'scoringTimeoutMs'],
    ];
    for (const [options, path] of cases) {
      const error: unknown = await startServer(options).catch((caught: unknown) => caught);
      expect([path, isAzuremlError(error, 'VALIDATION') && error.details['path']]).toEqual([path, path]);
    }
  });
});

/** Waits for something that happens right after an answer has been read. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}
