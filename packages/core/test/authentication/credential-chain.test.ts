import type { TokenCredential } from '@azure/identity';
import { CredentialChain } from '../../src/authentication/credential-chain.ts';
import { rejection } from '../support/local-services.ts';

const given = { token: 't', expiresOnTimestamp: 1 };
const unavailable = (message: string) => Object.assign(new Error(message), { name: 'CredentialUnavailableError' });

/** Sources that do what the list says, and a log of who was asked. */
function chain(ways: Readonly<Record<string, () => unknown>>) {
  const asked: string[] = [];
  const sources = Object.entries(ways).map(([name, getToken]) => ({
    name,
    create: (): TokenCredential => ({
      getToken: async () => {
        asked.push(name);
        return getToken() as never;
      },
    }),
  }));
  return {
    asked,
    chain: new CredentialChain([...sources, { name: 'vault', skipped: 'VAULT is not set.' }], 'Do this next.'),
  };
}

describe('CredentialChain', () => {
  it('passes over ways that are not there, and keeps to the one that gave a token', async () => {
    const { asked, chain: credential } = chain({
      a: () => Promise.reject(unavailable('no a')),
      b: () => null,
      c: () => given,
      d: () => given,
    });
    expect(await credential.getToken('scope')).toBe(given);
    expect(await credential.getToken('scope')).toBe(given);

    expect(asked).toEqual(['a', 'b', 'c', 'c']);
  });

  it('looks again from the start when that one is there no more', async () => {
    let hasC = true;
    const { asked, chain: credential } = chain({
      a: () => (hasC ? Promise.reject(unavailable('no a')) : given),
      c: () => (hasC ? given : Promise.reject(unavailable('no c'))),
    });
    await credential.getToken('scope');
    hasC = false;
    await credential.getToken('scope');

    expect(asked).toEqual(['a', 'c', 'c', 'a']);
  });

  it('ends with a way that is there and was refused, so that nobody else signs in', async () => {
    const { asked, chain: credential } = chain({
      a: () => Promise.reject(unavailable('no a')),
      b: () =>
        Promise.reject(
          Object.assign(new Error('AADSTS7000215: Invalid client secret'), { name: 'AuthenticationError' }),
        ),
      c: () => given,
    });
    const error = await rejection(credential.getToken('scope'));

    expect(error).toMatchObject({ code: 'AUTHENTICATION_FAILED' });
    expect(error.message).toContain('- b: AADSTS7000215: Invalid client secret.\nb is there and was refused');
    expect(asked).toEqual(['a', 'b']);
  });

  it('lists what was tried and skipped, with what to do next, when no way gives a token', async () => {
    const { chain: credential } = chain({
      a: () => Promise.reject(unavailable('no a. To troubleshoot, visit https://aka.ms/very-long')),
      b: () => null,
    });
    const error = await rejection(credential.getToken(['scope']));

    expect(error.message).toBe(
      'Signing in failed, no token for scope was given. Tried:\n- a: no a.\n- b: gave no token.\n- vault: skipped, VAULT is not set.\nDo this next.',
    );
    expect(error.details).toEqual({
      tried: [
        { name: 'a', reason: 'no a.' },
        { name: 'b', reason: 'gave no token.' },
        { name: 'vault', reason: 'skipped, VAULT is not set.' },
      ],
    });
  });

  it('ends when it is aborted', async () => {
    const aborted = new DOMException('stop', 'AbortError');
    const { asked, chain: credential } = chain({ a: () => Promise.reject(aborted), b: () => given });

    expect(await rejection(credential.getToken('scope'))).toBe(aborted);
    expect(asked).toEqual(['a']);
  });
});
