import { connect } from 'node:net';
import { currentRequest } from '@azureml-ts/common';
import { ask, exchange } from '../raw-http.ts';
import { running } from '../running.ts';

/** The head of a request on a connection of its own. */
function head(line: string, ...headers: string[]): string {
  return `${[`${line} HTTP/1.1`, 'host: a', 'connection: close', ...headers].join('\r\n')}\r\n\r\n`;
}

describe('GET /score', () => {
  it.each([
    ['', {}],
    ['?a=1&b=x&c=%5B1%2C2%5D&d=true', { a: 1, b: 'x', c: [1, 2], d: true }],
    ['?a=1&a=two&a=3', { a: [1, 'two', 3] }],
    ['?a=&b', { a: '', b: '' }],
    [
      '?c=1e400&d=-0&e=12345678901234567890&f=%5B1,1e999%5D',
      { c: '1e400', d: '-0', e: '12345678901234567890', f: '[1,1e999]' },
    ],
    [
      '?a=1.50&b=1E3&c=-0.10&d=0.0&e=0.000001e-7&f=%7B%22-0%22%3A9007199254740991%7D',
      { a: 1.5, b: 1000, c: -0.1, d: 0, e: 1e-13, f: { '-0': 9007199254740991 } },
    ],
  ])('gives run() the query %p as the text of an object', async (query, expected) => {
    await using server = await running((rawData) => JSON.parse(rawData));
    const response = await fetch(`${server.server.url}/score${query}`);
    expect([response.status, await response.json()]).toEqual([200, expected]);
  });

  it('makes own properties of names that have a meaning in JavaScript', async () => {
    await using server = await running((rawData) => {
      const values = JSON.parse(rawData);
      return [Object.keys(values), ({} as { polluted?: unknown }).polluted ?? 'clean'];
    });
    const query = '?__proto__=%7B%22polluted%22%3A1%7D&constructor=1&a=1&__proto__=2';
    expect(await (await fetch(`${server.server.url}/score${query}`)).json()).toEqual([
      ['__proto__', 'constructor', 'a'],
      'clean',
    ]);
  });

  it('is the same for HEAD, without the body', async () => {
    await using server = await running(() => 'abc');
    const response = await fetch(`${server.server.url}/score`, { method: 'HEAD' });
    expect([response.status, response.headers.get('content-length'), await response.text()]).toEqual([200, '5', '']);
    expect(response.headers.get('x-ms-run-function-failed')).toBe('False');
  });
});

describe('OPTIONS /score', () => {
  it('is answered without calling run()', async () => {
    await using server = await running(() => {
      throw new Error('called');
    });
    const response = await fetch(`${server.server.url}/score`, { method: 'OPTIONS' });
    expect([response.status, await response.text(), response.headers.get('allow')]).toEqual([
      200,
      '',
      'GET, HEAD, POST, OPTIONS',
    ]);
    expect(response.headers.get('content-type')).toBeNull();
  });
});

describe('GET /ready', () => {
  it('is 200 while the server takes requests, and 503 once it closes', async () => {
    let release: (value: unknown) => void = () => undefined;
    const entered = Promise.withResolvers<void>();
    const server = await running(() => {
      entered.resolve();
      return new Promise((resolve) => {
        release = resolve;
      });
    });
    const { port } = server.server;
    expect((await fetch(`${server.server.url}/ready`)).status).toBe(200);
    const pending = server.post('');
    await entered.promise;
    // A connection that is open already: new ones are refused while closing.
    const socket = connect(port, '127.0.0.1');
    const data: Buffer[] = [];
    socket.on('data', (chunk) => data.push(chunk));
    socket.write('GET / HTTP/1.1\r\nhost: a\r\n\r\nGET /ready HTTP/1.1\r\nhost: a\r\n');
    await new Promise((resolve) => socket.once('data', resolve));
    const closing = server.server.close();
    socket.write('\r\n');
    await new Promise((resolve) => socket.once('close', resolve));
    const answers = Buffer.concat(data).toString();
    expect(answers).toMatch(/^HTTP\/1\.1 200 OK/);
    expect(answers).toContain('HTTP/1.1 503 Service Unavailable');
    expect(answers).toContain('{"message":"The server is closing."}');
    release('late');
    await (await pending).text();
    await closing;
    expect(server.lines.some((line) => line.includes('GET /ready 503'))).toBe(true);
    expect(server.lines.some((line) => line.includes('GET /ready 200'))).toBe(false);
  });
});

describe('a path prefix', () => {
  it('may stand before every route, and may be left out', async () => {
    await using server = await running((rawData) => rawData, { pathPrefix: '/api/v1/service/loans/' });
    const { url } = server.server;
    for (const base of [url, `${url}/api/v1/service/loans`]) {
      expect(await (await fetch(`${base}/score`, { method: 'POST', body: 'x' })).json()).toBe('x');
      expect((await fetch(`${base}/ready`)).status).toBe(200);
      expect((await fetch(`${base}/`)).status).toBe(200);
    }
    expect((await fetch(`${url}/api/v1/service/loans`)).status).toBe(200);
    expect((await fetch(`${url}/api/v1/service/loansome/score`, { method: 'POST' })).status).toBe(404);
    const swagger = (await (await fetch(`${url}/swagger.json`)).json()) as { basePath: string };
    expect(swagger.basePath).toBe('/api/v1/service/loans');
  });

  it('comes from SERVICE_PATH_PREFIX', async () => {
    process.env['SERVICE_PATH_PREFIX'] = 'p';
    try {
      await using server = await running(() => 1);
      expect((await fetch(`${server.server.url}/p/score`)).status).toBe(200);
    } finally {
      delete process.env['SERVICE_PATH_PREFIX'];
    }
  });
});

describe('the headers of every answer', () => {
  it.each([
    ['GET /', 200],
    ['GET /ready', 200],
    ['GET /score', 200],
    ['GET /swagger.json', 200],
    ['GET /nothing', 404],
    ['PUT /score', 405],
    ['DELETE /', 405],
    ['TRACE /score', 405],
    ['PROPFIND /score', 405],
  ])('%s has the ids and the version', async (line, status) => {
    await using server = await running(() => 1);
    const answer = await ask(
      server.server.port,
      head(line, 'x-request-id: r-1', 'x-ms-client-request-id: c-1', 'TraceId: t-1'),
    );
    expect(answer.status).toBe(status);
    expect(answer.headers).toMatchObject({
      'x-request-id': 'r-1',
      'x-ms-request-id': 'c-1',
      'x-ms-client-request-id': 'c-1',
      'x-ms-server-version': expect.stringMatching(/^azureml-ts\/\d/),
      traceid: 't-1',
    });
    if (status >= 400) {
      expect(answer.headers['x-ms-run-function-failed']).toBe('False');
      expect(JSON.parse(answer.body)).toEqual({ message: expect.any(String) });
    }
    expect(answer.headers['allow'] !== undefined).toBe(status === 405);
  });

  it('leaves out the version when SERVER_VERSION_LOG_RESPONSE_ENABLED is false', async () => {
    process.env['SERVER_VERSION_LOG_RESPONSE_ENABLED'] = 'False';
    try {
      await using server = await running(() => 1);
      for (const request of [head('GET /score'), 'nonsense\r\n\r\n']) {
        expect((await ask(server.server.port, request)).headers).not.toHaveProperty('x-ms-server-version');
      }
    } finally {
      delete process.env['SERVER_VERSION_LOG_RESPONSE_ENABLED'];
    }
  });
});

describe('headers that come more than once', () => {
  it('give one id, joined', async () => {
    await using server = await running(() => currentRequest()?.requestId);
    const answer = await ask(server.server.port, head('GET /score', 'x-request-id: a', 'x-request-id: b'));
    expect([answer.status, answer.body, answer.headers['x-request-id']]).toEqual([200, '"a, b"', 'a, b']);
  });

  it.each([
    ['host', ['host: b', 'content-length: 1']],
    ['content-length', ['content-length: 1', 'content-length: 2']],
    ['content-length and transfer-encoding', ['content-length: 1', 'transfer-encoding: chunked']],
  ])('are refused for %s', async (_name, headers) => {
    await using server = await running(() => 1);
    const answer = await ask(server.server.port, head('POST /score', ...headers), 'x');
    expect([answer.status, JSON.parse(answer.body)]).toEqual([400, { message: expect.any(String) }]);
  });

  it('start a new trace for traceparent', async () => {
    await using server = await running(() => currentRequest()?.traceId);
    const parent = (digit: string) => `traceparent: 00-${digit.repeat(32)}-${digit.repeat(16)}-01`;
    const { body } = await ask(server.server.port, head('GET /score', parent('a'), parent('b')));
    expect(JSON.parse(body)).toMatch(/^[0-9a-f]{32}$/);
    expect(['"a"', '"b"'].map((digit) => digit.repeat(32))).not.toContain(body);
  });
});

describe('ids with control characters', () => {
  it.each(['x-request-id', 'x-ms-client-request-id', 'x-ms-request-id'])('are refused with 400: %s', async (name) => {
    await using server = await running(() => 1);
    for (const id of ['a\tb', 'a\u0085b', 'a\u0001b', 'a\u007fb']) {
      const request = Buffer.from(head('GET /score', `${name}: ${id}`), 'latin1');
      const answer = await ask(server.server.port, request);
      expect([id, answer.status]).toEqual([id, 400]);
      expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    }
  });
});

describe('at most so many requests at the same time', () => {
  it('others get 503 with Retry-After, and the connection goes on', async () => {
    const release: ((value: unknown) => void)[] = [];
    const entered = Promise.withResolvers<void>();
    await using server = await running(
      () =>
        new Promise((resolve) => {
          release.push(resolve);
          entered.resolve();
        }),
      { maxConcurrentRequests: 1 },
    );
    const first = server.post('1');
    await entered.promise;
    const refused = await exchange(
      server.server.port,
      'POST /score HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\n\r\n1GET /ready HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n',
    );
    expect(refused).toMatch(/^HTTP\/1\.1 503 /);
    expect(refused.toLowerCase()).toContain('\r\nretry-after: 1\r\n');
    expect(refused).toContain('HTTP/1.1 200 OK');
    release[0]?.('done');
    expect(await (await first).json()).toBe('done');
    const second = server.post('2');
    await new Promise<void>((resolve) => {
      const look = () => (release.length === 2 ? resolve() : setImmediate(look));
      look();
    });
    release[1]?.('again');
    expect(await (await second).json()).toBe('again');
  });
});
