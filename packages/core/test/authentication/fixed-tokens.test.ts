import { inspect } from 'node:util';
import { ArmTokenAuthentication, TokenAuthentication } from '../../src/index.ts';
import { rejection } from '../support/local-services.ts';

const ARM = 'https://management.azure.com/.default';
const jwt = (claims: object) => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln`;
const inAnHour = Math.floor(Date.now() / 1000) + 3600;

describe('ArmTokenAuthentication', () => {
  it('gives its token for Azure Resource Manager in every cloud', async () => {
    const armAccessToken = jwt({ exp: inAnHour });
    const credential = new ArmTokenAuthentication({ armAccessToken });
    for (const scope of [
      ARM,
      'https://management.core.windows.net//.default',
      'https://management.chinacloudapi.cn/.default',
    ]) {
      expect(await credential.getToken(scope)).toMatchObject({
        token: armAccessToken,
        expiresOnTimestamp: inAnHour * 1000,
      });
    }
  });

  it.each([
    'https://storage.azure.com/.default',
    'https://ml.azure.com/.default',
    'https://management.azure.com.evil.example/.default',
  ])('does not give it to %s', async (scope) => {
    const error = await rejection(new ArmTokenAuthentication({ armAccessToken: 'top-secret' }).getToken(scope));

    expect(error).toMatchObject({ code: 'AUTHENTICATION_FAILED' });
    expect(inspect(error)).not.toContain('top-secret');
  });

  it('gives it to an address that stands for Azure Resource Manager', async () => {
    const options = { armAccessToken: 'opaque', audience: 'https://127.0.0.1:8443' };

    expect((await new ArmTokenAuthentication(options).getToken('https://127.0.0.1:8443/.default')).token).toBe(
      'opaque',
    );
    try {
      process.env['AZUREML_MANAGEMENT_ENDPOINT'] = 'https://gateway.example.com';
      const credential = new ArmTokenAuthentication({ armAccessToken: 'opaque' });
      expect((await credential.getToken('https://gateway.example.com/.default')).token).toBe('opaque');
    } finally {
      delete process.env['AZUREML_MANAGEMENT_ENDPOINT'];
    }
  });

  it('says when its token has ended', async () => {
    const credential = new ArmTokenAuthentication({ armAccessToken: jwt({ exp: 1_700_000_000 }) });

    expect((await rejection(credential.getToken(ARM))).message).toContain('ended at 2023-11-14T22:13:20.000Z');
  });

  it('needs a token', () => {
    expect(() => new ArmTokenAuthentication({ armAccessToken: ' ' })).toThrow('armAccessToken');
    expect(() => new ArmTokenAuthentication({ token: 'top-secret' } as never)).toThrow('no option "token"');
  });
});

describe('TokenAuthentication', () => {
  it('asks for the token of an audience, and keeps it by the end that it names', async () => {
    const audiences: string[] = [];
    const credential = new TokenAuthentication({
      getTokenForAudience: (audience) => {
        audiences.push(audience);
        return jwt({ aud: audience, exp: inAnHour });
      },
    });
    for (const scope of [ARM, ARM, 'https://storage.azure.com/.default']) {
      expect((await credential.getToken(scope)).expiresOnTimestamp).toBe(inAnHour * 1000);
    }

    expect(audiences).toEqual(['https://management.azure.com', 'https://storage.azure.com']);
  });

  it('asks again after five minutes for a token that hides its end', async () => {
    let asked = 0;
    const credential = new TokenAuthentication({ getTokenForAudience: async () => `opaque ${++asked}` });
    const now = Date.now();
    const clock = jest.spyOn(Date, 'now').mockReturnValue(now);
    try {
      await credential.getToken(ARM);
      clock.mockReturnValue(now + 299_000);
      expect((await credential.getToken(ARM)).token).toBe('opaque 1');
      clock.mockReturnValue(now + 300_000);
      expect((await credential.getToken(ARM)).token).toBe('opaque 2');
    } finally {
      clock.mockRestore();
    }
  });

  it.each([
    ['throws', () => Promise.reject(new Error('sealed'))],
    ['gives nothing', () => undefined as never],
  ])('says that signing in failed when the function %s', async (_, getTokenForAudience) => {
    expect(await rejection(new TokenAuthentication({ getTokenForAudience }).getToken(ARM))).toMatchObject({
      code: 'AUTHENTICATION_FAILED',
    });
  });

  it('does not ask for several scopes at once, and needs a function', async () => {
    const credential = new TokenAuthentication({ getTokenForAudience: () => 't' });

    expect(await rejection(credential.getToken([ARM, 'other']))).toMatchObject({ code: 'AUTHENTICATION_FAILED' });
    expect(() => new TokenAuthentication({ getTokenForAudience: 't' as never })).toThrow('getTokenForAudience');
  });
});
