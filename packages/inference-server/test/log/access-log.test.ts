import { ask } from '../raw-http.ts';
import { running } from '../running.ts';

const UNTIL = (condition: () => boolean) =>
  new Promise<void>((resolve) => {
    const look = () => (condition() ? resolve() : setImmediate(look));
    look();
  });

describe('the access log', () => {
  it('as JSON has one object a request, and no probes', async () => {
    await using server = await running((rawData) => rawData, { accessLog: 'json' });
    await server.post('abc', { 'x-request-id': 'r-1', 'x-ms-client-request-id': 'c-1' });
    await fetch(server.server.url);
    await fetch(`${server.server.url}/ready`);
    await fetch(`${server.server.url}/secret?key=abc`);
    await UNTIL(() => server.lines.length === 2);
    expect(server.lines.map((line) => JSON.parse(line))).toEqual([
      {
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        level: 'information',
        pid: process.pid,
        requestId: 'r-1',
        clientRequestId: 'c-1',
        method: 'POST',
        path: '/score',
        status: 200,
        durationMs: expect.any(Number),
        bytesIn: 3,
        bytesOut: 5,
      },
      expect.objectContaining({ level: 'warning', method: 'GET', path: '/secret', status: 404 }),
    ]);
  });

  it('as JSON stays JSON whatever an id holds, and keeps no secret', async () => {
    await using server = await running(() => 1, { accessLog: 'json' });
    const ids = ['"quote" \\ ##vso[task.complete]', 'AccountKey=c2VjcmV0c2VjcmV0;x', 'é ü'];
    for (const id of ids) {
      const request = `GET /score HTTP/1.1\r\nhost: a\r\nconnection: close\r\nx-request-id: ${id}\r\n\r\n`;
      expect((await ask(server.server.port, Buffer.from(request, 'latin1'))).status).toBe(200);
    }
    await UNTIL(() => server.lines.length === 3);
    const logged = server.lines.map((line) => (JSON.parse(line) as { requestId: string }).requestId);
    expect(logged).toEqual(['"quote" \\ # #vso[task.complete]', expect.stringContaining('AccountKey='), 'é ü']);
    expect(server.lines.join()).not.toContain('c2VjcmV0');
  });

  it('can be switched off', async () => {
    await using server = await running(() => 1, { accessLog: false });
    await server.post('');
    await server.post('');
    await server.server.close();
    expect(server.lines).toEqual([]);
  });

  it('follows AZUREML_LOG_LEVEL', async () => {
    process.env['AZUREML_LOG_LEVEL'] = 'warning';
    try {
      await using server = await running(() => 1);
      await server.post('');
      await fetch(`${server.server.url}/nothing`);
      await UNTIL(() => server.lines.length === 1);
      expect(server.lines[0]).toContain('GET /nothing 404');
    } finally {
      delete process.env['AZUREML_LOG_LEVEL'];
    }
  });

  it('says once when AZUREML_LOG_LEVEL is none', async () => {
    process.env['AZUREML_LOG_LEVEL'] = 'loud';
    try {
      await using server = await running(() => 1);
      expect(server.lines).toEqual([expect.stringContaining('AZUREML_LOG_LEVEL')]);
    } finally {
      delete process.env['AZUREML_LOG_LEVEL'];
    }
  });
});
