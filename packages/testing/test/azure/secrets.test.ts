import { type AzureStandIn, startAzureStandIn } from '../../src/index.ts';
import { arm, mms } from './support.ts';

/** Fields of answers that hold a secret, wherever they are. */
const SECRET_FIELDS = /key|token|password|secret/i;
const HARMLESS =
  /^(tokenType|keyVault|sslKey|keyName|keyVersion|keyValue|keyType|userStorageResourceId|name|keyVaultArmId)$/;

/** Every text in a body whose field says that it is a secret. */
function secretsIn(value: unknown, isSecret = false): string[] {
  if (typeof value === 'string') {
    return isSecret && value !== '' ? [value] : [];
  }
  if (typeof value !== 'object' || value === null) {
    return [];
  }
  return Object.entries(value).flatMap(([name, inner]) =>
    secretsIn(inner, Array.isArray(value) ? isSecret : SECRET_FIELDS.test(name) && !HARMLESS.test(name)),
  );
}

describe('the secrets of the stand-in', () => {
  let azure: AzureStandIn;

  beforeEach(async () => {
    azure = await startAzureStandIn();
  });

  afterEach(() => azure.close());

  it('are all that any answer gave out, and all bearer tokens that came in', async () => {
    azure.addEndpoint('loans');
    azure.addEndpoint('aml', { properties: { authMode: 'AMLToken' } });
    azure.addEndpoint('aad', { properties: { authMode: 'AADToken' } });
    azure.addService('svc', { aadAuthEnabled: true, authEnabled: false });
    const { call, finished } = arm(azure);
    const classic = mms(azure);
    for (const path of [
      '/listKeys',
      '/onlineEndpoints/loans/listKeys',
      '/onlineEndpoints/aml/token',
      '/onlineEndpoints/aad/token',
    ]) {
      expect((await call('POST', path)).status).toBe(200);
    }
    for (const body of [{ keyType: 'Primary' }, { keyType: 'Secondary', keyValue: 'own-key-of-the-user' }]) {
      await finished(await call('POST', '/onlineEndpoints/loans/regenerateKeys', body));
      await call('POST', '/onlineEndpoints/loans/listKeys');
    }
    await classic.call('POST', '/services/svc/token');
    await classic.call('POST', '/services/svc/listkeys');
    const given = azure
      .exchanges()
      .flatMap(({ answer, headers }) => [
        ...secretsIn(answer.body),
        ...(headers['authorization'] === undefined ? [] : [headers['authorization'].replace('Bearer ', '')]),
      ]);
    // The workspace alone has six, and each request its token.
    expect(new Set(given).size).toBeGreaterThan(20);
    expect(given.filter((secret) => !azure.secrets().includes(secret))).toEqual([]);
  });

  it('are long enough to be looked for in any output, and never the same twice', async () => {
    const other = await startAzureStandIn();
    await other.close();
    for (let number = 0; number < 50; number += 1) {
      azure.addEndpoint(`ep${number}`);
    }
    const secrets = azure.secrets();
    // Two keys each, and that of the datastore.
    expect(secrets).toHaveLength(101);
    expect(secrets.every((secret) => /^[A-Za-z0-9]{32,}$/.test(secret))).toBe(true);
    expect(secrets.filter((secret) => other.secrets().includes(secret))).toEqual([]);
  });

  it('hold keys that a test puts in by hand, also once they are replaced', async () => {
    const endpoint = azure.addEndpoint('loans');
    endpoint.keys = { primaryKey: 'by-hand-1', secondaryKey: 'by-hand-2' };
    expect(azure.secrets()).toEqual(expect.arrayContaining(['by-hand-1', 'by-hand-2']));
    endpoint.keys = { primaryKey: 'by-hand-3', secondaryKey: 'by-hand-4' };
    expect(azure.secrets()).toEqual(expect.arrayContaining(['by-hand-1', 'by-hand-3']));
  });

  it('are tokens with the shape of those of Entra', async () => {
    const { token, expiresOnTimestamp } = await azure.credential.getToken('https://management.azure.com/.default');
    const [, claims = ''] = token.split('.');
    expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({
      aud: 'https://management.azure.com',
      exp: Math.floor(expiresOnTimestamp / 1000),
    });
  });
});
