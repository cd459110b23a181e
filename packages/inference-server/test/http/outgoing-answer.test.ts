import { ScoringResponse } from '../../src/index.ts';
import { ask, exchange } from '../raw-http.ts';
import { running } from '../running.ts';

function post(more = '', version = '1.1'): string {
  return `POST /score HTTP/${version}\r\nhost: a\r\ncontent-length: 1\r\n${more}\r\n1`;
}

describe('the head of an answer', () => {
  it('has each header once', async () => {
    await using server = await running(() => 1);
    const text = await exchange(server.server.port, post('connection: close\r\n'));
    const names = (text.split('\r\n\r\n')[0] as string)
      .split('\r\n')
      .slice(1)
      .map((line) => line.slice(0, line.indexOf(':')).toLowerCase());
    expect(names.toSorted()).toEqual([
      'connection',
      'content-length',
      'content-type',
      'date',
      'x-ms-request-id',
      'x-ms-run-fn-exec-ms',
      'x-ms-run-function-failed',
      'x-ms-server-version',
      'x-request-id',
    ]);
  });

  it('promises to keep the connection only where it is kept', async () => {
    await using server = await running(() => 1);
    const { port } = server.server;
    const kept = 'connection: keep-alive\r\n';
    const promises = (text: string) => text.split('HTTP/1.1 ').map((answer) => /keep-alive: timeout=65/i.test(answer));
    expect(promises(await exchange(port, post() + post('connection: close\r\n')))).toEqual([false, true, false]);
    expect(promises(await exchange(port, post('', '1.0')))).toEqual([false, false]);
    expect(promises(await exchange(port, post(kept, '1.0') + post('', '1.0')))).toEqual([false, true, false]);
  });

  it('takes the headers of the script, but never those that only the server knows', async () => {
    const headers = { 'x-request-id': 'mine', 'x-ms-run-fn-exec-ms': 'mine', 'x-own': 'yes', vary: 'Accept' };
    await using server = await running(() => new ScoringResponse('a', { headers, contentType: 'text/csv' }), {
      corsOrigins: ['https://a.example'],
    });
    const answer = await ask(server.server.port, post('connection: close\r\nx-request-id: r-1\r\ntraceid: t-1\r\n'));
    expect(answer.headers).toMatchObject({
      'x-request-id': 'r-1',
      'x-ms-run-fn-exec-ms': expect.stringMatching(/^\d+\.\d{3}$/),
      'x-own': 'yes',
      'content-type': 'text/csv',
      traceid: 't-1',
      vary: 'Accept, Origin',
    });
  });

  it('cannot be forged by an id', async () => {
    await using server = await running(() => 1);
    const id = Buffer.from(post('connection: close\r\nx-request-id: a\x85x-forged: 1\r\n'), 'latin1');
    const answer = await ask(server.server.port, id);
    expect(answer.status).toBe(400);
    expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });
});
