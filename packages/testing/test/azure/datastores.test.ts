import { type AzureStandIn, startAzureStandIn } from '../../src/index.ts';
import { issuesOf } from '../specification/support.ts';
import { arm } from './support.ts';

describe.each(['2022-10-01', '2024-04-01'])('the datastores of the stand-in in %s', (version) => {
  let azure: AzureStandIn;
  let api: ReturnType<typeof arm>;

  beforeEach(async () => {
    azure = await startAzureStandIn();
    api = arm(azure, version);
  });

  afterEach(async () => {
    await azure.close();
    const issues = await issuesOf(azure.exchanges());
    // The official examples of the older version break this rule, too.
    expect(issues.filter(({ issue }) => issue.message !== 'Missing required property: secrets')).toEqual([]);
  });

  const names = async (query: string) =>
    (await api.call('GET', `/datastores${query}`)).body.value.map(({ name }: { name: string }) => name);

  it('have a default one from the start, until another takes its place', async () => {
    expect(await names('?isDefault=true')).toEqual(['workspaceblobstore']);
    azure.addDatastore('other');
    expect(await names('')).toEqual(['workspaceblobstore', 'other']);
    azure.addDatastore('mine', { properties: { isDefault: true, accountName: 'mine', containerName: 'c' } });
    expect(await names('?isDefault=true')).toEqual(['mine']);
    expect(await names('?names=other&names=mine')).toEqual(['other', 'mine']);
    expect((await api.call('GET', '/datastores/mine')).body.properties).toMatchObject({
      accountName: 'mine',
      containerName: 'c',
      datastoreType: 'AzureBlob',
    });
  });

  it('give their secrets on request only, and none where an identity is used', async () => {
    azure.addDatastore('sas', {
      properties: { credentials: { credentialsType: 'Sas', secrets: { secretsType: 'Sas' } } },
    });
    azure.addDatastore('identity').secrets = undefined;
    const secrets = async (name: string) => api.call('POST', `/datastores/${name}/listSecrets`);
    const key = azure.datastore('workspaceblobstore')?.secrets?.['key'];
    expect((await secrets('workspaceblobstore')).body).toEqual({ secretsType: 'AccountKey', key });
    expect((await secrets('sas')).body).toMatchObject({
      secretsType: 'Sas',
      sasToken: expect.stringContaining('sig='),
    });
    expect((await secrets('identity')).status).toBe(400);
    expect((await secrets('none')).status).toBe(404);
    expect(JSON.stringify((await api.call('GET', '/datastores')).body)).not.toContain(key);
    expect(azure.secrets()).toEqual(expect.arrayContaining([key, azure.datastore('sas')?.secrets?.['sasToken']]));
  });
});
