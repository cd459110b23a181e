import { inspect } from 'node:util';
import { ServicePrincipalAuthentication, type ServicePrincipalAuthenticationOptions } from '../../src/index.ts';
import { rejection } from '../support/local-services.ts';
import { startEntra } from './support/entra.ts';

const SCOPE = 'https://management.azure.com/.default';
/** The name that the sign-in library itself puts in the place of login.chinacloudapi.cn. */
const CHINA = 'login.partner.microsoftonline.cn';
const who = {
  tenantId: '99999999-8888-7777-6666-555555555555',
  servicePrincipalId: '12121212-3434-5656-7878-909090909090',
  servicePrincipalPassword: 'top-secret',
};

describe('ServicePrincipalAuthentication', () => {
  const closing: (() => Promise<void>)[] = [];
  afterEach(async () => {
    await Promise.all(closing.splice(0).map((close) => close()));
  });
  const entra = async (...answer: Parameters<typeof startEntra>) => {
    const started = await startEntra(...answer);
    closing.push(started.close);
    return started;
  };
  const credential = (httpClient: object, options: Partial<ServicePrincipalAuthenticationOptions> = {}) =>
    new ServicePrincipalAuthentication({ ...who, clientOptions: { httpClient } as never, ...options });

  it('signs in with its secret, once for many tokens', async () => {
    const { signIns, httpClient } = await entra();
    const signedIn = credential(httpClient);
    const tokens = await Promise.all([signedIn.getToken(SCOPE), signedIn.getToken(SCOPE)]);

    expect(tokens.map(({ token }) => token)).toEqual(['token-of-entra', 'token-of-entra']);
    expect(signIns).toHaveLength(1);
    expect(signIns[0]).toMatchObject({ host: 'login.microsoftonline.com', path: `/${who.tenantId}/oauth2/v2.0/token` });
    expect(Object.fromEntries(signIns[0]?.form ?? [])).toMatchObject({
      client_id: who.servicePrincipalId,
      client_secret: 'top-secret',
      grant_type: 'client_credentials',
    });
    expect(signIns[0]?.form.get('scope')).toContain(SCOPE);
  });

  it.each([
    ['AzureChinaCloud', undefined, CHINA],
    ['AzureUSGovernment', 'https://login.example.com', 'login.microsoftonline.us'],
  ])('signs in to the cloud %s, also where the variable AZURE_AUTHORITY_HOST is %s', async (cloud, variable, host) => {
    const { signIns, httpClient } = await entra();
    try {
      if (variable !== undefined) {
        process.env['AZURE_AUTHORITY_HOST'] = variable;
      }
      await credential(httpClient, { cloud }).getToken(SCOPE);
    } finally {
      delete process.env['AZURE_AUTHORITY_HOST'];
    }
    expect(signIns.map((signIn) => signIn.host)).toEqual([host]);
  });

  it('signs in to the cloud of AZUREML_CURRENT_CLOUD when it is given none', async () => {
    const { signIns, httpClient } = await entra();
    try {
      process.env['AZUREML_CURRENT_CLOUD'] = 'AzureChinaCloud';
      await credential(httpClient).getToken(SCOPE);
    } finally {
      delete process.env['AZUREML_CURRENT_CLOUD'];
    }
    expect(signIns.map((signIn) => signIn.host)).toEqual([CHINA]);
  });

  it('tells why it was refused, without the secret', async () => {
    const message = "AADSTS7000215: Invalid client secret provided for app '1'.";
    const { httpClient } = await entra({
      status: 401,
      body: { error: 'invalid_client', error_description: message, error_codes: [7000215] },
    });
    const error = await rejection(credential(httpClient).getToken(SCOPE));

    expect(error).toMatchObject({ code: 'AUTHENTICATION_FAILED', message: expect.stringContaining('AADSTS7000215') });
    expect(`${inspect(error, { depth: 9 })} ${JSON.stringify(error)}`).not.toContain('top-secret');
  });

  it('names a certificate that is not there', async () => {
    const { httpClient } = await entra();
    const options = { servicePrincipalPassword: undefined, certificatePath: '/no/such/file.pem' };

    expect(await rejection(credential(httpClient, options).getToken(SCOPE))).toMatchObject({
      code: 'AUTHENTICATION_FAILED',
      message: expect.stringContaining('/no/such/file.pem'),
    });
  });

  it.each([
    ['a secret and a certificate', { certificatePath: 'a.pem' }, 'servicePrincipalPassword'],
    ['neither', { servicePrincipalPassword: undefined }, 'servicePrincipalPassword'],
    ['no tenant', { tenantId: undefined }, 'tenantId'],
    ['an empty id', { servicePrincipalId: ' ' }, 'servicePrincipalId'],
    ['an empty secret', { servicePrincipalPassword: '' }, 'servicePrincipalPassword'],
    ['an option that does not exist', { password: 'top-secret' }, 'password'],
    ['a cloud that does not exist', { cloud: 'AzureMoon' }, 'cloud'],
  ])('refuses %s', (_, options, path) => {
    expect(() => new ServicePrincipalAuthentication({ ...who, ...options } as never)).toThrow(
      expect.objectContaining({ code: 'VALIDATION', path, message: expect.not.stringContaining('top-secret') }),
    );
  });

  it('shows nothing of what it holds', () => {
    const held = new ServicePrincipalAuthentication(who);

    expect(`${inspect(held, { depth: 9, showHidden: true })} ${JSON.stringify(held)}`).not.toMatch(
      /top-secret|12121212/,
    );
  });
});
