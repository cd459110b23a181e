import type { AccessToken, GetTokenOptions } from '@azure/identity';
import { TokenCache } from '../../src/authentication/token-cache.ts';
import { rejection } from '../support/local-services.ts';

const MINUTE = 60_000;

/** A credential that counts, whose answers come when they are let go. */
function source(lifetimeMs = 60 * MINUTE) {
  const calls: { scopes: string | string[]; options: GetTokenOptions | undefined }[] = [];
  let fails: unknown;
  const cache = new TokenCache({
    async getToken(scopes, options): Promise<AccessToken> {
      calls.push({ scopes, options });
      if (fails !== undefined) {
        throw fails;
      }
      return { token: `token ${calls.length}`, expiresOnTimestamp: Date.now() + lifetimeMs };
    },
  });
  return { cache, calls, fail: (error: unknown) => (fails = error) };
}
const token = async (cache: TokenCache, scope = 'scope', options?: GetTokenOptions) =>
  (await cache.getToken(scope, options)).token;

describe('TokenCache', () => {
  let now = 1_700_000_000_000;
  beforeEach(() => {
    jest.spyOn(Date, 'now').mockImplementation(() => now);
  });
  afterEach(() => jest.restoreAllMocks());
  const pass = (ms: number) => {
    now += ms;
  };

  it('keeps a token until five minutes before it ends', async () => {
    const { cache } = source();
    expect(await token(cache)).toBe('token 1');
    pass(55 * MINUTE - 1);
    expect(await token(cache)).toBe('token 1');
    pass(1);
    expect(await token(cache)).toBe('token 2');
  });

  it('asks once for all who want the same token at the same time', async () => {
    const { cache, calls } = source();
    const tokens = await Promise.all([
      token(cache),
      token(cache),
      cache.getToken(['scope']).then((found) => found.token),
    ]);

    expect(tokens).toEqual(['token 1', 'token 1', 'token 1']);
    expect(calls).toHaveLength(1);
  });

  it('keeps tokens apart by scope, tenant and kind', async () => {
    const { cache } = source();
    const asked: [string, GetTokenOptions | undefined][] = [
      ['a', undefined],
      ['b', undefined],
      ['a', { tenantId: 't' }],
      ['a', { enableCae: true }],
    ];
    for (const round of [1, 2]) {
      const found = await Promise.all(asked.map(([scope, options]) => token(cache, scope, options)));
      expect([round, ...found]).toEqual([round, 'token 1', 'token 2', 'token 3', 'token 4']);
    }
  });

  it('asks for claims each time, and keeps the token that has them in place of the other', async () => {
    const { cache, calls } = source();
    await token(cache);
    expect(await token(cache, 'scope', { claims: '{"a":1}' })).toBe('token 2');
    expect(await token(cache)).toBe('token 2');
    expect(await token(cache, 'scope', { claims: '{"a":1}' })).toBe('token 3');
    expect(calls[1]?.options).toEqual({ claims: '{"a":1}' });
  });

  it('is not ended by the signal of one of those who wait', async () => {
    const { cache, calls } = source();
    await token(cache, 'scope', { abortSignal: AbortSignal.abort() });

    expect(calls[0]?.options).not.toHaveProperty('abortSignal');
  });

  it('does not keep a failure', async () => {
    const { cache, fail } = source();
    fail(new Error('not yet'));
    expect(await rejection(cache.getToken('scope'))).toMatchObject({ code: 'AUTHENTICATION_FAILED' });
    fail(undefined);
    expect(await token(cache)).toBe('token 2');
  });

  it('goes on with a token that still holds when it cannot be renewed, and not longer', async () => {
    const { cache, fail } = source();
    await token(cache);
    fail(new Error('the network is away'));
    pass(59 * MINUTE);
    expect(await token(cache)).toBe('token 1');
    pass(MINUTE);
    const error = await rejection(cache.getToken('scope'));

    expect(error).toMatchObject({ code: 'AUTHENTICATION_FAILED' });
    expect(error.message).toContain('no token for scope was given: the network is away.');
  });

  it('renews when the token says so', async () => {
    let calls = 0;
    const cache = new TokenCache({
      getToken: async () => ({
        token: `token ${++calls}`,
        expiresOnTimestamp: Date.now() + 60 * MINUTE,
        refreshAfterTimestamp: Date.now() + MINUTE,
      }),
    });
    await token(cache);
    pass(MINUTE);
    expect(await token(cache)).toBe('token 2');
  });

  it.each([
    ['nothing', null],
    ['an empty token', { token: '', expiresOnTimestamp: 1 }],
    ['something else', { token: 7, expiresOnTimestamp: 1 }],
  ])('takes %s for a failure', async (_, value) => {
    const cache = new TokenCache({ getToken: async () => value as AccessToken });

    expect(await rejection(cache.getToken('scope'))).toMatchObject({ code: 'AUTHENTICATION_FAILED' });
  });

  it('does not keep a token whose end is unreadable', async () => {
    let calls = 0;
    const cache = new TokenCache({
      getToken: async () => ({ token: `token ${++calls}`, expiresOnTimestamp: Number.NaN }),
    });
    await token(cache);
    expect(await token(cache)).toBe('token 2');
  });
});
