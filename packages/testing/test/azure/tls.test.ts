import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { AzureMachineLearningWorkspaces } from '@azure/arm-machinelearning';
import { type AzureStandIn, startAzureStandIn } from '../../src/index.ts';
import { issuesOf } from '../specification/support.ts';

const run = promisify(execFile);

/** What another process does that knows nothing but its environment. */
const CHILD = `
const base = process.env.AZUREML_MANAGEMENT_ENDPOINT;
const headers = { authorization: 'Bearer ' + process.env.AZUREML_ARM_ACCESS_TOKEN, 'content-type': 'application/json' };
const workspace = base + process.env.WORKSPACE_ID;
const read = async (url, options) => (await fetch(url, { headers, ...options })).json();
const { properties } = await read(workspace + '?api-version=2024-04-01');
const discovery = await read(properties.discoveryUrl);
const put = await fetch(workspace + '/onlineEndpoints/fresh?api-version=2024-04-01', {
  method: 'PUT',
  headers,
  body: JSON.stringify({ location: 'westus', properties: { authMode: 'Key' } }),
});
const status = await read(put.headers.get('azure-asyncoperation'));
const page = await read(workspace + '/onlineEndpoints?count=1&api-version=2024-04-01');
const next = await read(page.nextLink);
const endpoint = await read(workspace + '/onlineEndpoints/loans?api-version=2024-04-01');
const keys = await read(workspace + '/onlineEndpoints/loans/listKeys?api-version=2024-04-01', { method: 'POST' });
const score = (url, key) =>
  read(url, { method: 'POST', body: '[1]', headers: { ...headers, authorization: 'Bearer ' + key } });
const mms = discovery.modelmanagement + '/modelmanagement/v1.0' + process.env.WORKSPACE_ID;
const service = await read(mms + '/services/aci?expand=true');
const serviceKeys = await read(mms + '/services/aci/listkeys', { method: 'POST' });
console.log(JSON.stringify({
  status: status.status,
  names: [...page.value, ...next.value].map(({ name }) => name),
  scored: [
    await score(endpoint.properties.scoringUri, keys.primaryKey),
    await score(service.scoringUri, serviceKeys.primaryKey),
  ],
  links: [properties.discoveryUrl, discovery.modelmanagement, put.headers.get('azure-asyncoperation'), page.nextLink,
    endpoint.properties.scoringUri, endpoint.properties.swaggerUri, service.scoringUri],
}));
`;

describe('the stand-in with tls', () => {
  let azure: AzureStandIn;

  beforeEach(async () => {
    azure = await startAzureStandIn({ tls: true });
    azure.addEndpoint('loans', { properties: { traffic: { blue: 100 } } });
    azure.addDeployment('loans', 'blue');
    azure.addService('aci', { computeType: 'ACI' });
  });

  afterEach(() => azure.close());

  it('serves a process that knows nothing but its environment, and all links lead back to it', async () => {
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', CHILD], {
      env: { ...azure.environment, WORKSPACE_ID: String(azure.workspace['id']) },
    });
    const seen = JSON.parse(stdout);
    expect(seen).toMatchObject({ status: 'InProgress', names: ['loans', 'fresh'], scored: [[1], [1]] });
    expect(seen.links.filter((link: string) => !link.startsWith(`${azure.url}/`) && link !== azure.url)).toEqual([]);
    expect(seen.links).toContain(`${azure.url}/scoring/loans/score`);
    expect(azure.exchanges().map(({ plane }) => plane)).toEqual([
      'management',
      'discovery',
      'management',
      'operation',
      'management',
      'management',
      'management',
      'management',
      'classic',
      'classic',
      'scoring',
      'scoring',
    ]);
    expect(await issuesOf(azure.exchanges().filter(({ plane }) => plane === 'management'))).toEqual([]);
    expect(azure.secrets()).toContain(azure.environment['AZUREML_ARM_ACCESS_TOKEN']);
  });

  it('serves the real client in this process, too', async () => {
    expect(azure.clientOptions.endpoint).toBe(azure.url);
    expect(azure.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    const { endpoint, additionalPolicies, retryOptions } = azure.clientOptions;
    const client = new AzureMachineLearningWorkspaces(azure.credential, azure.subscriptionId, {
      ...(endpoint === undefined ? {} : { endpoint }),
      additionalPolicies: [...additionalPolicies],
      retryOptions,
    });
    expect((await client.workspaces.get('rg1', 'ws1')).name).toBe('ws1');
    expect(azure.tokenRequests).toEqual([`${azure.url}/.default`]);
  });

  it('is not trusted by a process without its certificate', async () => {
    const { NODE_EXTRA_CA_CERTS: _, ...env } = azure.environment;
    const child = run(
      process.execPath,
      ['-e', `fetch(process.env.AZUREML_MANAGEMENT_ENDPOINT).catch((e) => { console.log(e.cause.code); })`],
      { env },
    );
    expect((await child).stdout).toMatch(/SELF_SIGNED|UNABLE_TO_VERIFY/);
  });

  it('keeps its certificate in a file for its owner, until it is closed', async () => {
    const file = azure.environment['NODE_EXTRA_CA_CERTS'] ?? '';
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    await azure.close();
    expect(existsSync(file)).toBe(false);
  });
});

describe('starting the stand-in', () => {
  it('takes the names it is given', async () => {
    await using azure = await startAzureStandIn({
      subscriptionId: '99999999-0000-0000-0000-000000000000',
      resourceGroup: 'group',
      workspaceName: 'space',
      location: 'northeurope',
    });
    azure.addEndpoint('loans');
    expect([azure.subscriptionId, azure.resourceGroup, azure.workspaceName]).toEqual([
      '99999999-0000-0000-0000-000000000000',
      'group',
      'space',
    ]);
    expect(azure.workspace).toMatchObject({ name: 'space', location: 'northeurope' });
    expect(azure.endpoint('loans')?.resource['properties']).toMatchObject({
      scoringUri: 'https://loans.northeurope.inference.ml.azure.com/score',
    });
    expect(azure.environment).toEqual({});
    expect(azure.clientOptions).not.toHaveProperty('endpoint');
  });

  it('says so when the port is taken, and leaves no certificate behind', async () => {
    await using azure = await startAzureStandIn();
    const port = Number(new URL(azure.url).port);
    await expect(startAzureStandIn({ port, tls: true })).rejects.toMatchObject({ code: 'STAND_IN_START_FAILED' });
  });

  it('refuses a page size that is none, and a deployment of no endpoint', async () => {
    await expect(startAzureStandIn({ pageSize: 0 })).rejects.toMatchObject({ code: 'VALIDATION', path: 'pageSize' });
    await using azure = await startAzureStandIn();
    expect(() => azure.addDeployment('none', 'blue')).toThrow(/endpointName/);
  });
});
