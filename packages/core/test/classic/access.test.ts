import { inspect } from 'node:util';
import type { AciWebservice } from '../../src/classic/aci-webservice.ts';
import type { AksWebservice } from '../../src/classic/aks-webservice.ts';
import { WebserviceNotFoundError } from '../../src/errors.ts';
import { openService, rejection } from './support.ts';

const scored = (azure: Awaited<ReturnType<typeof openService>>['azure']) =>
  azure.exchanges().filter(({ plane }) => plane === 'scoring');
const TOKEN = { authEnabled: false, aadAuthEnabled: true };

describe('keys of a classic service', () => {
  it('are fetched, and masked when they are shown', async () => {
    const { state, service, sent } = await openService<AksWebservice>();

    const keys = await service.getKeys();

    expect({ ...keys }).toEqual(state.keys);
    expect(JSON.stringify(keys) + inspect(keys)).not.toContain(state.keys.primaryKey);
    expect(sent()).toMatchObject([{ method: 'POST', body: undefined }]);
    expect(sent()[0]?.headers['content-type']).toBeUndefined();
  });

  it('are refused when the answer has none', async () => {
    const { azure, service } = await openService<AksWebservice>();
    azure.fail({ url: '/listkeys', status: 200, body: { primaryKey: 'p' }, headers: { 'x-ms-request-id': 'r-1' } });

    const error = await rejection(service.getKeys());

    expect(error).toMatchObject({ code: 'INVALID_ANSWER', requestId: 'r-1' });
    expect(error.message).toContain('secondaryKey');
  });

  it('are made anew, or set, and that is waited for', async () => {
    const { azure, state, service, sent, paths } = await openService<AksWebservice>();
    azure.planOperations({ polls: 2 });
    const before = { ...state.keys };

    await service.regenerateKey('secondary', { keyValue: 'abc' });

    expect(sent()[0]?.body).toEqual({ keyType: 'Secondary', keyValue: 'abc' });
    expect(
      paths()
        .slice(1)
        .map((path) => path.replace(/operations\/.*/, 'operations/ID')),
    ).toEqual(Array(3).fill('GET operations/ID'));
    expect(state.keys).toEqual({ ...before, secondaryKey: 'abc' });
    await service.regenerateKey('primary');
    expect(sent().find(({ body }) => (body as { keyType?: string })?.keyType === 'Primary')?.body).toEqual({
      keyType: 'Primary',
      keyValue: null,
    });
    expect(state.keys.primaryKey).not.toBe(before.primaryKey);
  });

  it('may be new at once', async () => {
    const { azure, service, paths } = await openService<AksWebservice>();
    azure.fail({ url: '/regenerateKeys', status: 200, body: { primaryKey: 'a', secondaryKey: 'b' } });

    await service.regenerateKey('primary');

    expect(paths()).toEqual(['POST services/svc/regenerateKeys']);
  });

  it('tell when they could not be changed', async () => {
    const { azure, service } = await openService<AksWebservice>();
    azure.planOperations({ outcome: 'Failed', error: { code: 'X', message: 'no' } });

    await expect(service.regenerateKey('primary')).rejects.toMatchObject({ code: 'DEPLOYMENT_FAILED', reason: 'X' });
    azure.clearExchanges();
    await expect(service.regenerateKey('third' as 'primary')).rejects.toMatchObject({ code: 'VALIDATION' });
    await expect(service.regenerateKey('primary', { keyValue: '' })).rejects.toMatchObject({ code: 'VALIDATION' });
    expect(azure.exchanges()).toEqual([]);
  });

  it('are rotated so that callers have one that works at any time', async () => {
    const { azure, state, service } = await openService<AksWebservice>();
    const old = { ...state.keys };
    const handed: string[] = [];

    const keys = await service.rotateKeys({
      onKey: async (key, which) => {
        handed.push(`${which} ${key === state.keys[`${which}Key`]}`);
        if (which === 'secondary') {
          // Whoever has the old primary key still gets in while the new secondary key is handed out.
          expect(state.keys.primaryKey).toBe(old.primaryKey);
        }
        await service.run({});
      },
    });

    expect(handed).toEqual(['secondary true', 'primary true']);
    expect(scored(azure).map(({ answer }) => answer.status)).toEqual([200, 200]);
    expect({ ...keys }).toEqual(state.keys);
    expect(Object.values(keys)).not.toEqual(expect.arrayContaining([old.primaryKey]));
    expect(state.keys.secondaryKey).not.toBe(old.secondaryKey);
    expect(inspect(keys)).not.toContain(state.keys.primaryKey);
  });
});

describe('the rotation of keys', () => {
  it('leaves the primary key alone when the secondary one could not be handed out, or is the old one', async () => {
    const { azure, state, service } = await openService<AksWebservice>();
    const old = { ...state.keys };
    const refuse = () => {
      throw new Error('vault is closed');
    };

    await expect(service.rotateKeys({ onKey: refuse })).rejects.toThrow('vault is closed');
    expect(state.keys.primaryKey).toBe(old.primaryKey);
    azure.fail({ url: '/regenerateKeys', status: 200, body: {} });
    await expect(service.rotateKeys({ onKey: () => undefined })).rejects.toMatchObject({ code: 'KEY_UNCHANGED' });
    expect(state.keys.primaryKey).toBe(old.primaryKey);
    await expect(service.rotateKeys({} as { onKey: () => void })).rejects.toMatchObject({ code: 'VALIDATION' });
  });

  it('scores with the other key while one is made anew', async () => {
    const { azure, state, service } = await openService<AksWebservice>();
    await service.run({});
    const old = { ...state.keys };
    azure.planOperations({ polls: 3 });
    const running = Promise.withResolvers<void>();

    const change = service.regenerateKey('primary', { onProgress: () => running.resolve(), showOutput: false });
    await running.promise;
    await service.run({});
    await change;
    await service.run({});

    expect(scored(azure).map(({ answer }) => answer.status)).toEqual([200, 200, 200]);
    expect(scored(azure)[1]?.headers['authorization']).toBe(`Bearer ${old.secondaryKey}`);
  });
});

describe('tokens of a classic service', () => {
  it('have their times as dates, and are masked when they are shown', async () => {
    const { azure, service, paths } = await openService<AksWebservice>(TOKEN);
    azure.fail({
      url: '/token',
      status: 201,
      body: { accessToken: 'TOK0-secret', tokenType: 'Bearer', refreshAfter: 4102444800, expiryOn: 4102448400 },
    });

    const token = await service.getToken();

    expect({ ...token }).toEqual({
      accessToken: 'TOK0-secret',
      tokenType: 'Bearer',
      refreshAfter: new Date('2100-01-01T00:00:00Z'),
      expiryOn: new Date('2100-01-01T01:00:00Z'),
    });
    expect(JSON.stringify(token) + inspect(token)).not.toContain('TOK0-secret');
    expect(paths()).toEqual(['POST services/svc/token']);
  });

  it('are not there for a service without them, and not for ACI', async () => {
    const { service } = await openService<AksWebservice>();
    await expect(service.getToken()).rejects.toMatchObject({ code: 'PERMISSION_DENIED', statusCode: 403 });

    const { azure, service: aci } = await openService<AciWebservice>({ computeType: 'ACI' });
    await expect(aci.getToken()).rejects.toMatchObject({ code: 'UNSUPPORTED_OPERATION' });
    expect(azure.exchanges()).toEqual([]);
  });

  it('are refused when the answer has none', async () => {
    const { azure, service } = await openService<AksWebservice>(TOKEN);
    azure.fail({ url: '/token', status: 200, body: { tokenType: 'Bearer' } });

    await expect(service.getToken()).rejects.toThrow('accessToken, refreshAfter, expiryOn');
  });
});

describe('scoring with a classic service', () => {
  it('fetches the key once for many calls', async () => {
    const { azure, state, service, paths } = await openService<AksWebservice>();

    expect(await service.run({ data: [1] })).toEqual({ data: [1] });
    await service.run('{}');

    expect(paths()).toEqual(['POST services/svc/listkeys']);
    expect(scored(azure).map(({ headers }) => headers['authorization'])).toEqual(
      Array(2).fill(`Bearer ${state.keys.primaryKey}`),
    );
  });

  it('takes the new key after one was made anew here', async () => {
    const { azure, state, service } = await openService<AksWebservice>();
    await service.run({});

    await service.regenerateKey('primary');
    await service.run({});

    expect(scored(azure).map(({ answer }) => answer.status)).toEqual([200, 200]);
    expect(scored(azure)[1]?.headers['authorization']).toBe(`Bearer ${state.keys.primaryKey}`);
  });

  it('uses a token where the service wants one, and nothing where it wants nothing', async () => {
    const { azure, service, paths } = await openService<AksWebservice>(TOKEN);
    await service.run({});
    expect(paths()).toEqual(['POST services/svc/token']);
    expect(scored(azure)[0]?.headers['authorization']).toMatch(/^Bearer ./);

    const open = await openService<AksWebservice>({ authEnabled: false });
    await open.service.run({});
    expect(open.paths()).toEqual([]);
    expect(scored(open.azure)[0]?.headers['authorization']).toBeUndefined();
  });

  it('says so when the service has no address, and refuses a deployment', async () => {
    const { service } = await openService<AksWebservice>({ scoringUri: null, state: 'Transitioning' });

    await expect(service.run({})).rejects.toMatchObject({ code: 'WEBSERVICE_UNREACHABLE', retryable: true });
    await expect(service.run({}, { deploymentName: 'blue' })).rejects.toMatchObject({ code: 'UNSUPPORTED_SETTING' });
  });
});

describe('logs of a classic service', () => {
  it('are read by number of lines and container', async () => {
    const { state, service, paths } = await openService<AksWebservice>();
    state.logs = ['one', 'two', 'three'];
    state.initLogs = ['init'];

    expect((await service.getLogs()).trim()).toBe('one\ntwo\nthree');
    expect((await service.getLogs({ numLines: 2 })).trim()).toBe('two\nthree');
    expect((await service.getLogs({ numLines: 0, container: 'storage-initializer' })).trim()).toBe('');
    expect((await service.getLogs({ container: 'storage-initializer' })).trim()).toBe('init');
    expect(paths()).toEqual([
      'GET services/svc/logs?tail=5000&init=False',
      'GET services/svc/logs?tail=2&init=False',
      'GET services/svc/logs?tail=0&init=True',
      'GET services/svc/logs?tail=5000&init=True',
    ]);
  });

  it('tell what is wrong', async () => {
    const { azure, service } = await openService<AksWebservice>();
    azure.fail({ url: '/logs?', status: 200, body: { content: null } });
    azure.fail({ url: '/logs?', status: 200, body: {} });
    azure.fail({ url: '/logs?', status: 404, body: { message: 'no' } });
    azure.fail({ url: '/logs?', status: 503, times: 4, body: '' });

    expect(await service.getLogs()).toBe('');
    await expect(service.getLogs()).rejects.toMatchObject({ code: 'INVALID_ANSWER' });
    await expect(service.getLogs()).rejects.toBeInstanceOf(WebserviceNotFoundError);
    await expect(service.getLogs()).rejects.toMatchObject({
      code: 'SERVICE_FAILED',
      statusCode: 503,
      retryable: true,
    });
    azure.clearExchanges();
    await expect(service.getLogs({ numLines: -1 })).rejects.toMatchObject({ code: 'VALIDATION' });
    await expect(service.getLogs({ container: 'x' as 'inference-server' })).rejects.toMatchObject({
      code: 'VALIDATION',
    });
    await expect(service.getLogs({ deploymentName: 'blue' })).rejects.toThrow('OnlineEndpoint');
    expect(azure.exchanges()).toEqual([]);
  });

  it('are followed until the signal ends it', async () => {
    const { state, service } = await openService<AksWebservice>();
    state.logs = ['one', 'two'];
    const controller = new AbortController();
    const lines: string[] = [];

    for await (const line of service.followLogs({ intervalMs: 1, abortSignal: controller.signal })) {
      lines.push(line);
      if (lines.length === 2) {
        state.logs.push('three');
      }
      if (line === 'three') {
        controller.abort();
      }
    }

    expect(lines).toEqual(['one', 'two', 'three']);
  });

  it('end at once by return(), although a line is waited for', async () => {
    const { service } = await openService<AksWebservice>();
    const lines = service.followLogs({ intervalMs: 1e8, numLines: 0 })[Symbol.asyncIterator]();
    const asked = lines.next();
    expect(await lines.return?.()).toEqual({ done: true, value: undefined });
    expect(await asked).toEqual({ done: true, value: undefined });
  });
});
