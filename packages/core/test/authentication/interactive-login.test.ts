import { inspect } from 'node:util';
import { interactiveChain } from '../../src/authentication/interactive-login.ts';
import { LazyCredential } from '../../src/authentication/lazy-credential.ts';
import { InteractiveLoginAuthentication } from '../../src/index.ts';

const kinds = async (...args: Parameters<typeof interactiveChain>) =>
  (await interactiveChain(...args)).map((credential) => credential.constructor.name);

describe('InteractiveLoginAuthentication', () => {
  it('tries the Azure CLI, then a browser, where the environment offers nothing', async () => {
    expect(await kinds({}, {})).toEqual(['AzureCliCredential', 'InteractiveBrowserCredential']);
  });

  it('tries a managed identity and a service principal first where the environment has them', async () => {
    const env = {
      MSI_ENDPOINT: 'http://127.0.0.1:1/token',
      AZUREML_SERVICE_PRINCIPAL_TENANT_ID: '99999999-8888-7777-6666-555555555555',
      AZUREML_SERVICE_PRINCIPAL_ID: 'id',
      AZUREML_SERVICE_PRINCIPAL_PASSWORD: 'password',
    };

    expect((await kinds({}, env)).slice(0, 2)).toEqual(['ManagedIdentityCredential', 'ClientSecretCredential']);
    expect(await kinds({ force: true, useDeviceCode: true }, env)).toEqual(['DeviceCodeCredential']);
  });

  it('is a credential that holds nothing to print', () => {
    const credential = new InteractiveLoginAuthentication({ tenantId: 'tenant-of-mine' });

    expect(typeof credential.getToken).toBe('function');
    expect(inspect(credential, { depth: 9 })).not.toContain('tenant-of-mine');
  });
});

describe('LazyCredential', () => {
  it('makes the credential with the first token, once, and again only after a failure', async () => {
    let made = 0;
    const token = { token: 't', expiresOnTimestamp: 1 };
    const credential = new LazyCredential(async () => {
      made += 1;
      if (made === 1) throw new Error('not yet');
      return { getToken: async () => token };
    });

    expect(made).toBe(0);
    await expect(credential.getToken('scope')).rejects.toThrow('not yet');
    expect(await credential.getToken('scope')).toBe(token);
    expect(await credential.getToken('scope')).toBe(token);
    expect(made).toBe(2);
  });
});
