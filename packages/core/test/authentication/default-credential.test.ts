import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { defaultCredential, environmentSources } from '../../src/authentication/default-credential.ts';
import { MsiAuthentication } from '../../src/index.ts';
import { rejection } from '../support/local-services.ts';
import { startEntra } from './support/entra.ts';

const ARM = 'https://management.azure.com';
const SCOPE = `${ARM}/.default`;
const TENANT = '99999999-8888-7777-6666-555555555555';
const tools = ['Azure CLI', 'Azure PowerShell', 'Azure Developer CLI'];
const principal = { AZURE_TENANT_ID: TENANT, AZURE_CLIENT_ID: 'id', AZURE_CLIENT_SECRET: 'top-secret' };
const v1 = {
  AZUREML_SERVICE_PRINCIPAL_TENANT_ID: TENANT,
  AZUREML_SERVICE_PRINCIPAL_ID: 'id',
  AZUREML_SERVICE_PRINCIPAL_PASSWORD: 'top-secret',
};
const workload = { AZURE_TENANT_ID: TENANT, AZURE_CLIENT_ID: 'id', AZURE_FEDERATED_TOKEN_FILE: '/var/token' };
const pipeline = {
  SYSTEM_OIDCREQUESTURI: 'https://dev.example.com/oidc',
  SYSTEM_ACCESSTOKEN: 'top-secret',
  AZURESUBSCRIPTION_TENANT_ID: TENANT,
  AZURESUBSCRIPTION_CLIENT_ID: 'id',
  AZURESUBSCRIPTION_SERVICE_CONNECTION_ID: 'connection',
};

/** What is tried in an environment, by the class that does it. */
async function ways(env: NodeJS.ProcessEnv): Promise<string[]> {
  const before = { ...process.env };
  try {
    // @azure/identity reads some of the variables by itself.
    Object.assign(process.env, env);
    return (await environmentSources({}, env)).map((source) =>
      'skipped' in source ? `skipped ${source.name}` : source.create().constructor.name,
    );
  } finally {
    for (const name of Object.keys(env)) {
      delete process.env[name];
      Object.assign(process.env, before[name] === undefined ? {} : { [name]: before[name] });
    }
  }
}
const credentials = ['AzureCliCredential', 'AzurePowerShellCredential', 'AzureDeveloperCliCredential'];

describe('the default credential', () => {
  it.each([
    ['nothing', {}, []],
    ['a service principal', principal, ['EnvironmentCredential']],
    [
      'a certificate',
      { ...principal, AZURE_CLIENT_SECRET: '', AZURE_CLIENT_CERTIFICATE_PATH: '/c.pem' },
      ['EnvironmentCredential'],
    ],
    ['a service principal of azureml-core', v1, ['ClientSecretCredential']],
    ['a workload identity', workload, ['WorkloadIdentityCredential']],
    [
      'a secret beside a workload identity',
      { ...workload, ...principal },
      ['EnvironmentCredential', 'WorkloadIdentityCredential'],
    ],
    ['a service connection', pipeline, ['AzurePipelinesCredential']],
    [
      'a managed identity',
      { IDENTITY_ENDPOINT: 'http://127.0.0.1:1/msi', IDENTITY_HEADER: 'h' },
      ['ManagedIdentityCredential'],
    ],
    [
      'half of a service principal',
      { AZURE_CLIENT_SECRET: 's' },
      ['skipped service principal (EnvironmentCredential)'],
    ],
    [
      'an id without a secret',
      { AZURE_TENANT_ID: TENANT, AZURE_CLIENT_ID: 'id' },
      ['skipped service principal (EnvironmentCredential)'],
    ],
    [
      'a pipeline without a service connection',
      { SYSTEM_OIDCREQUESTURI: 'https://x' },
      ['skipped service connection (AzurePipelinesCredential)'],
    ],
    ['a tenant alone', { AZURE_TENANT_ID: TENANT }, []],
  ])('tries what the environment offers first, then the tools of developers: %s', async (_, env, first) => {
    expect(await ways(env)).toEqual([...first, ...credentials]);
  });

  it('says which variables are missing', async () => {
    const skipped = async (env: NodeJS.ProcessEnv) =>
      (await environmentSources({}, env)).flatMap((source) => ('skipped' in source ? [source.skipped] : []));

    expect(await skipped({ AZURE_CLIENT_SECRET: 's' })).toEqual(['AZURE_TENANT_ID and AZURE_CLIENT_ID are not set.']);
    expect(await skipped({ AZURE_TENANT_ID: 't', AZURE_CLIENT_ID: 'i' })).toEqual([
      'neither AZURE_CLIENT_SECRET nor AZURE_CLIENT_CERTIFICATE_PATH is set.',
    ]);
    expect(await skipped({ ...v1, AZUREML_SERVICE_PRINCIPAL_ID: '' })).toEqual([
      'AZUREML_SERVICE_PRINCIPAL_ID is not set.',
    ]);
    expect(await skipped({ ...workload, AZURE_TENANT_ID: '' })).toEqual(['AZURE_TENANT_ID is not set.']);
    expect(await skipped({ ...principal })).toEqual([]);
    expect((await environmentSources({}, {})).map(({ name }) => name)).toEqual(tools);
  });

  it('uses the token of AZUREML_ARM_ACCESS_TOKEN before anything else, for the endpoint of the workspace', async () => {
    const env = { AZUREML_ARM_ACCESS_TOKEN: 'given', ...principal };
    const credential = defaultCredential({ audience: 'https://127.0.0.1:8443' }, env);

    expect(await credential.getToken('https://127.0.0.1:8443/.default')).toMatchObject({ token: 'given' });
    expect(await rejection(credential.getToken('https://storage.azure.com/.default'))).toMatchObject({
      code: 'AUTHENTICATION_FAILED',
    });
  });

  it('signs in as the service principal of azureml-core, over the client that it is given', async () => {
    const { signIns, httpClient, close } = await startEntra();
    try {
      const credential = defaultCredential(
        { audience: ARM, cloud: 'AzureUSGovernment', clientOptions: { httpClient } },
        v1,
      );
      expect(await credential.getToken(SCOPE)).toMatchObject({ token: 'token-of-entra' });
      expect(signIns.map(({ host }) => host)).toEqual(['login.microsoftonline.us']);
    } finally {
      await close();
    }
  });

  it('does not go on to somebody else when a service principal is refused', async () => {
    const { signIns, httpClient, close } = await startEntra({
      status: 401,
      body: { error: 'invalid_client', error_description: 'AADSTS7000215: Invalid client secret.' },
    });
    try {
      const credential = defaultCredential({ audience: ARM, clientOptions: { httpClient } }, v1);
      const error = await rejection(credential.getToken(SCOPE));
      expect(error.message).toContain('service principal (AZUREML_SERVICE_PRINCIPAL_ID) is there and was refused');
      expect(error).toMatchObject({
        details: { tried: [{ name: 'service principal (AZUREML_SERVICE_PRINCIPAL_ID)' }] },
      });
      expect(`${inspect(error, { depth: 9 })} ${JSON.stringify(error)}`).not.toContain('top-secret');
      expect(signIns.length).toBeGreaterThan(0);
    } finally {
      await close();
    }
  });

  it.each([
    ['EnvironmentCredential', 'EnvironmentCredential is unavailable'],
    ['nonsense', 'Invalid value for AZURE_TOKEN_CREDENTIALS = nonsense'],
  ])('tries what AZURE_TOKEN_CREDENTIALS=%s names, and nothing else', async (value, said) => {
    try {
      process.env['AZURE_TOKEN_CREDENTIALS'] = value;
      const error = await rejection(defaultCredential({ audience: ARM }).getToken(SCOPE));
      expect(error).toMatchObject({ code: 'AUTHENTICATION_FAILED', message: expect.stringContaining(said) });
      expect(error.message).not.toContain('CLI credential');
    } finally {
      delete process.env['AZURE_TOKEN_CREDENTIALS'];
    }
  });
});

describe('a managed identity', () => {
  const asked: URL[] = [];
  const server = createServer((request, response) => {
    asked.push(new URL(request.url ?? '', 'http://127.0.0.1'));
    const known = request.headers['x-identity-header'] === 'header-secret';
    const expires_on = `${Math.floor(Date.now() / 1000) + 3600}`;
    const body = known ? { access_token: 'token-of-msi', expires_on, token_type: 'Bearer', resource: ARM } : {};
    response.writeHead(known ? 200 : 403, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  // One server for all: the sign-in library keeps to the address that it saw first.
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    process.env['IDENTITY_ENDPOINT'] = `http://127.0.0.1:${(server.address() as AddressInfo).port}/msi/token`;
    process.env['IDENTITY_HEADER'] = 'header-secret';
  });
  beforeEach(() => {
    asked.length = 0;
  });
  afterAll(async () => {
    delete process.env['IDENTITY_ENDPOINT'];
    delete process.env['IDENTITY_HEADER'];
    await new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
  });

  it.each([
    ['', {}, {}],
    ['by its client id', { clientId: 'c' }, { client_id: 'c' }],
    ['by its resource id', { resourceId: '/subscriptions/s' }, { mi_res_id: '/subscriptions/s' }],
    ['by its object id', { objectId: 'o' }, { object_id: 'o' }],
  ])('gives the token of MsiAuthentication %s', async (_, options, query) => {
    expect((await new MsiAuthentication(options).getToken(SCOPE)).token).toBe('token-of-msi');
    expect(Object.fromEntries(asked[0]?.searchParams ?? [])).toMatchObject({ resource: ARM, ...query });
  });

  it('is found by its variables', async () => {
    const { IDENTITY_ENDPOINT, IDENTITY_HEADER } = process.env;
    const credential = defaultCredential({ audience: ARM }, { IDENTITY_ENDPOINT, IDENTITY_HEADER });

    expect(await credential.getToken(SCOPE)).toMatchObject({ token: 'token-of-msi' });
  });

  it('has one id at most', () => {
    expect(() => new MsiAuthentication({ clientId: 'c', objectId: 'o' })).toThrow('Give one of clientId');
    expect(() => new MsiAuthentication({ msi_res_id: 'r' } as never)).toThrow('no option "msi_res_id"');
  });
});
