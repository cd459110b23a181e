import { inspect } from 'node:util';
import { openLoans, shownEverywhere } from './support.ts';

const isKeyCall = ({ url }: { url: string }) => url.includes('/listKeys?');

describe('keys of an online endpoint', () => {
  it('can be read, but show neither printed nor as JSON', async () => {
    const { service, standIn } = await openLoans();

    const keys = await service.getKeys();

    expect({ ...keys }).toEqual({ ...standIn.endpoint('loans')?.keys });
    expect(inspect(keys) + JSON.stringify({ keys })).not.toContain(keys.primaryKey);
    expect(inspect(keys)).toContain('[redacted]');
  });

  it('are made anew without sending a value, so that they truly change', async () => {
    const { service, standIn, writes } = await openLoans();
    const before = await service.getKeys();

    await service.regenerateKey('secondary');

    const after = await service.getKeys();
    expect(after.primaryKey).toBe(before.primaryKey);
    expect(after.secondaryKey).not.toBe(before.secondaryKey);
    const body = standIn.exchanges().find(({ url }) => url.includes('regenerateKeys'))?.body;
    expect(body).toEqual({ keyType: 'Secondary' });
    expect(writes().filter((write) => write.startsWith('PUT'))).toEqual([]);
  });

  it('take a value that is given, and never quote it', async () => {
    const { service } = await openLoans();

    await service.regenerateKey('primary', { keyValue: 'my-own-key-value' });
    expect((await service.getKeys()).primaryKey).toBe('my-own-key-value');

    const refused = await service
      .regenerateKey('tertiary' as never, { keyValue: 'my-own-key-value' })
      .catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'VALIDATION', path: 'key' });
    const empty = await service.regenerateKey('primary', { keyValue: '' }).catch((error: unknown) => error);
    expect(empty).toMatchObject({ code: 'VALIDATION', path: 'keyValue' });
    expect(shownEverywhere(refused) + shownEverywhere(empty)).not.toContain('my-own-key-value');
  });

  it('fail to change with the cause of the service', async () => {
    const { service, standIn } = await openLoans();
    standIn.planOperations({ outcome: 'Failed', error: { code: 'VaultBusy', message: 'Try later.' } });

    await expect(service.regenerateKey('primary')).rejects.toMatchObject({
      code: 'DEPLOYMENT_FAILED',
      reason: 'VaultBusy',
      message: expect.stringContaining('getKeys()'),
    });
  });

  it.each([
    ['AMLToken', 'getKeys', 'getToken()'],
    ['AADToken', 'regenerateKey', 'getToken()'],
    ['AMLToken', 'rotateKeys', 'getToken()'],
    ['Key', 'getToken', 'getKeys()'],
  ] as const)('with authMode %s %s() is refused without a request, naming %s', async (authMode, method, instead) => {
    const { service, standIn } = await openLoans({ endpoint: { properties: { authMode } } });
    const calls = {
      getKeys: () => service.getKeys(),
      regenerateKey: () => service.regenerateKey('primary'),
      rotateKeys: () => service.rotateKeys({ onKey: () => undefined }),
      getToken: () => service.getToken(),
    };

    await expect(calls[method]()).rejects.toMatchObject({
      code: 'UNSUPPORTED_OPERATION',
      details: { authMode },
      message: expect.stringContaining(instead),
    });
    expect(standIn.exchanges()).toEqual([]);
  });
});

describe('tokens of an online endpoint', () => {
  it('come from the workspace with authMode AMLToken', async () => {
    const { service } = await openLoans({ endpoint: { properties: { authMode: 'AMLToken' } } });

    const token = await service.getToken();

    expect(token).toMatchObject({ tokenType: 'Bearer', accessToken: expect.any(String) });
    expect(token.expiryOn.getTime()).toBeGreaterThan(token.refreshAfter.getTime());
    expect(token.refreshAfter.getTime()).toBeGreaterThan(Date.now());
    expect(inspect(token) + JSON.stringify(token)).not.toContain(token.accessToken);
  });

  it('come from the credential, for the scope of the cloud, with authMode AADToken', async () => {
    const { service, standIn } = await openLoans({ endpoint: { properties: { authMode: 'AADToken' } } });

    const token = await service.getToken();

    expect(standIn.tokenRequests.at(-1)).toBe('https://ml.azure.com/.default');
    expect(token.expiryOn.getTime()).toBeGreaterThan(token.refreshAfter.getTime());
  });

  it('fail by code when the credential gives none', async () => {
    const { standIn } = await openLoans({ endpoint: { properties: { authMode: 'AADToken' } } });
    const { OnlineEndpoint } = await import('../../src/online/online-endpoint.ts');
    const { workspaceOn } = await import('../support/stand-in.ts');
    const credential = {
      getToken: async (scope: string | string[]) => {
        if (String(scope).includes('ml.azure.com')) {
          throw new Error('no such audience');
        }
        return standIn.credential.getToken(scope);
      },
    };
    const service = await OnlineEndpoint.get(workspaceOn(standIn, { credential }), 'loans');

    await expect(service.getToken()).rejects.toMatchObject({
      code: 'AUTHENTICATION_FAILED',
      message: expect.stringContaining('no such audience'),
    });
  });
});

describe('rotation of keys', () => {
  it('hands out the new secondary key before the primary one is touched, then that', async () => {
    const { service, standIn } = await openLoans();
    const before = { ...standIn.endpoint('loans')?.keys };
    const handed: [string, string, string | undefined][] = [];

    const keys = await service.rotateKeys({
      onKey: async (key, which) => {
        handed.push([which, key, standIn.endpoint('loans')?.keys.primaryKey]);
      },
    });

    expect(handed).toEqual([
      ['secondary', keys.secondaryKey, before.primaryKey],
      ['primary', keys.primaryKey, keys.primaryKey],
    ]);
    expect(keys.primaryKey).not.toBe(before.primaryKey);
    expect(keys.secondaryKey).not.toBe(before.secondaryKey);
    expect({ ...keys }).toEqual({ ...standIn.endpoint('loans')?.keys });
  });

  it('leaves the primary key alone when handing out the secondary one fails', async () => {
    const { service, standIn } = await openLoans();
    const before = standIn.endpoint('loans')?.keys.primaryKey;

    const rotation = service.rotateKeys({
      onKey: async () => {
        throw new Error('the vault is away');
      },
    });

    await expect(rotation).rejects.toThrow('the vault is away');
    expect(standIn.endpoint('loans')?.keys.primaryKey).toBe(before);
  });

  it('leaves the primary key alone when it is aborted while the secondary one is handed out', async () => {
    const { service, standIn } = await openLoans();
    const before = standIn.endpoint('loans')?.keys.primaryKey;
    const stop = new AbortController();
    const handed = Promise.withResolvers<void>();

    const rotation = service.rotateKeys({
      abortSignal: stop.signal,
      onKey: async () => {
        stop.abort(new Error('stop'));
        await handed.promise;
      },
    });

    await expect(rotation).rejects.toThrow('stop');
    handed.resolve();
    await service.getKeys();
    expect(standIn.endpoint('loans')?.keys.primaryKey).toBe(before);
  });

  it('leaves the primary key alone when the secondary one did not change', async () => {
    const { service, standIn } = await openLoans();
    const before = { ...standIn.endpoint('loans')?.keys };
    standIn.fail({ url: 'regenerateKeys', status: 200, body: '' });

    await expect(service.rotateKeys({ onKey: () => undefined })).rejects.toMatchObject({ code: 'KEY_UNCHANGED' });
    expect({ ...standIn.endpoint('loans')?.keys }).toEqual(before);
  });

  it('gives no error to whoever scores all the time, by run() or with the keys handed out', async () => {
    const { service, standIn } = await openLoans();
    standIn.planOperations({ polls: 3 });
    let key = (await service.getKeys()).primaryKey;
    let isOver = false;
    let scored = 0;
    let taken: { key: string; resolve: () => void } | undefined;
    const uri = new URL(String(service.scoringUri));
    const byRun = async () => {
      while (!isOver) {
        expect(await service.run({ at: scored })).toBeDefined();
        scored += 1;
      }
    };
    const byHand = async () => {
      while (!isOver) {
        const used = key;
        const response = await fetch(`${standIn.url}${uri.pathname}`, {
          method: 'POST',
          body: '{}',
          headers: { authorization: `Bearer ${used}`, 'x-azure-stand-in-origin': uri.origin },
        });
        expect(response.status).toBe(200);
        await response.text();
        if (taken?.key === used) {
          taken.resolve();
        }
      }
    };
    const clients = [byRun(), byRun(), byHand()];
    // So that the clients are at it.
    await service.run({});

    for (let round = 0; round < 3; round += 1) {
      await service.rotateKeys({
        onKey: async (next) => {
          // Handing out is done when the calls with the key of before have ended.
          const { promise, resolve } = Promise.withResolvers<void>();
          taken = { key: next, resolve };
          key = next;
          await promise;
        },
      });
    }
    isOver = true;

    await Promise.all(clients);
    expect(scored).toBeGreaterThan(10);
    expect(standIn.exchanges().filter(({ plane, answer }) => plane === 'scoring' && answer.status >= 500)).toEqual([]);
  });

  it('needs onKey', async () => {
    const { service, standIn } = await openLoans();

    await expect(service.rotateKeys({} as never)).rejects.toMatchObject({ code: 'VALIDATION', path: 'onKey' });
    expect(standIn.exchanges().filter(isKeyCall)).toEqual([]);
  });
});
