import { exchange } from '../raw-http.ts';
import { type Running, running } from '../running.ts';

let started: Running;
beforeEach(async () => {
  started = await running((rawData) => rawData);
});
afterEach(() => started.server.close());

const REQUESTS: [what: string, status: number, request: string][] = [
  ['no host', 400, 'GET / HTTP/1.1\r\n\r\n'],
  [
    'an unknown expectation',
    417,
    'POST /score HTTP/1.1\r\nhost: a\r\nexpect: weird\r\ncontent-length: 1\r\nconnection: close\r\n\r\na',
  ],
  ['CONNECT', 405, 'CONNECT a:443 HTTP/1.1\r\nhost: a\r\n\r\n'],
  ['what is not HTTP', 400, 'nonsense\r\n\r\n'],
];

describe('what the protocol forbids', () => {
  it.each(REQUESTS)('%s is answered with %d in the form of every error', async (_what, status, request) => {
    const answer = await exchange(started.server.port, request);
    const [head, body] = answer.split('\r\n\r\n');
    expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(head?.toLowerCase()).toMatch(/\r\nx-request-id: .+/);
    expect(head).toMatch(/\r\nx-ms-run-function-failed: False/i);
    expect(JSON.parse(body ?? '')).toEqual({ message: expect.any(String) });
  });
});

describe('a target in absolute form', () => {
  it.each([
    ['POST http://h:80/score?x=1', '"a"'],
    ['POST HTTP://h/score', '"a"'],
  ])('%s', async (line, body) => {
    const answer = await exchange(
      started.server.port,
      `${line} HTTP/1.1\r\nhost: h\r\ncontent-length: 1\r\nconnection: close\r\n\r\na`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(answer.endsWith(body)).toBe(true);
  });

  it('without a path means /', async () => {
    const answer = await exchange(started.server.port, 'GET http://h HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n');
    expect(answer).toContain('Healthy');
  });
});
