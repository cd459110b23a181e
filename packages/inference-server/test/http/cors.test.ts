import { type HttpOptions, startServer } from '../../src/index.ts';
import { running } from '../running.ts';

const APP = 'https://app.example.com';

function cors(response: Response): Record<string, string> {
  const names = ['vary', ...[...response.headers.keys()].filter((name) => name.startsWith('access-control-'))];
  return Object.fromEntries(names.map((name) => [name, response.headers.get(name) ?? '']));
}

async function started(options: HttpOptions) {
  const server = await running((rawData) => (rawData === 'bad' ? Promise.reject(new Error('bad')) : 1), options);
  const ask = (path: string, method: string, headers: Record<string, string>, body?: string) =>
    fetch(server.server.url + path, { method, headers, ...(body === undefined ? {} : { body }) });
  return { ...server, ask };
}

describe('pages of other origins', () => {
  it('may call when their origin is listed, also when the answer is an error', async () => {
    const { server, ask } = await started({ corsOrigins: ['https://other.example.com', `${APP}/`] });
    for (const [path, method, body] of [
      ['/score', 'POST', 'x'],
      ['/score', 'POST', 'bad'],
      ['/score', 'PUT', 'x'],
      ['/nothing', 'GET'],
      ['/', 'GET'],
    ] as const) {
      const response = await ask(path, method, { origin: APP }, body);
      await response.text();
      expect(cors(response)).toEqual({
        vary: 'Origin',
        'access-control-allow-origin': APP,
        'access-control-expose-headers': expect.stringContaining('x-request-id'),
      });
    }
    await server.close();
  });

  it('get no permission when it is not', async () => {
    const { server, ask } = await started({ corsOrigins: [APP] });
    for (const origin of ['https://evil.example.com', 'http://app.example.com', `${APP}.evil.com`, 'null']) {
      const preflight = { origin, 'access-control-request-method': 'POST' };
      expect(cors(await ask('/score', 'POST', { origin }, 'x'))).toEqual({ vary: 'Origin' });
      expect(cors(await ask('/score', 'OPTIONS', preflight))).toEqual({ vary: 'Origin' });
    }
    expect(cors(await ask('/score', 'POST', {}, 'x'))).toEqual({ vary: 'Origin' });
    await server.close();
  });

  it('are told which methods and headers they may use', async () => {
    const { server, ask } = await started({ corsOrigins: [APP] });
    const response = await ask('/score', 'OPTIONS', {
      origin: APP,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type,authorization',
    });
    expect(response.status).toBe(200);
    expect(cors(response)).toMatchObject({
      'access-control-allow-origin': APP,
      'access-control-allow-methods': 'GET, POST',
      'access-control-allow-headers': 'content-type,authorization',
      'access-control-max-age': '600',
    });
    await server.close();
  });

  it('all may call under *', async () => {
    const { server, ask } = await started({ corsOrigins: ['*'] });
    expect(cors(await ask('/score', 'POST', { origin: APP }, 'x'))).toMatchObject({
      vary: '',
      'access-control-allow-origin': '*',
    });
    await server.close();
  });

  it('get nothing when nothing is configured', async () => {
    const { server, ask } = await started({});
    expect(cors(await ask('/score', 'OPTIONS', { origin: APP, 'access-control-request-method': 'POST' }))).toEqual({
      vary: '',
    });
    await server.close();
  });

  it('are read from AML_CORS_ORIGINS, a list with commas', async () => {
    process.env['AML_CORS_ORIGINS'] = `https://a.example.com , ${APP},`;
    try {
      const { server, ask } = await started({});
      expect(cors(await ask('/', 'GET', { origin: APP }))['access-control-allow-origin']).toBe(APP);
      await server.close();
    } finally {
      delete process.env['AML_CORS_ORIGINS'];
    }
  });

  it.each(['app.example.com', `${APP}/path`, 'ftp://a', '', 5])('cannot be %p', async (origin) => {
    await expect(startServer({ run: () => 1, corsOrigins: [origin as string] })).rejects.toMatchObject({
      code: 'VALIDATION',
      path: 'corsOrigins[0]',
    });
  });
});
