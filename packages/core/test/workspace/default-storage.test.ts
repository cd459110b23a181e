import { inspect } from 'node:util';
import type { AzureFault, AzureStandIn } from '@azureml-ts/testing';
import { rejection } from '../support/local-services.ts';
import { openStandIn, requests } from '../support/stand-in.ts';

const KEY = `${'k'.repeat(86)}==`;
const blobStore = {
  datastoreType: 'AzureBlob',
  accountName: 'account1',
  containerName: 'azureml-blobstore-1',
  endpoint: 'core.windows.net',
  protocol: 'https',
  credentials: { credentialsType: 'AccountKey' },
  isDefault: true,
};
/** Lists this datastore, and answers to listSecrets with that. */
function serve(standIn: AzureStandIn, properties: object | undefined, secrets: AzureFault = {}) {
  const value = properties === undefined ? [] : [{ name: 'workspaceblobstore', properties }];
  standIn.fail({ method: 'GET', url: '/datastores', status: 200, body: { value } });
  standIn.fail({ method: 'POST', url: '/datastores/workspaceblobstore/listSecrets', status: 200, ...secrets });
}
const secretsOf = (body: object): AzureFault => ({ body });

describe('Workspace.getDefaultStorage', () => {
  it('gives the address of the default blob store and the credential, and asks for no key', async () => {
    const { standIn, workspace } = await openStandIn();
    serve(standIn, blobStore);

    expect(await workspace.getDefaultStorage()).toEqual({
      accountUrl: 'https://account1.blob.core.windows.net',
      containerName: 'azureml-blobstore-1',
      datastoreName: 'workspaceblobstore',
      credential: workspace.credential,
    });
    expect(requests(standIn)).toEqual([`GET ${workspace.id}/datastores`]);
    expect(new URL(standIn.exchanges()[0]?.url ?? '').searchParams.get('isDefault')).toBe('true');
  });

  it('asks as the specification says, with and without keys', async () => {
    const { standIn, workspace } = await openStandIn();

    const storage = await workspace.getDefaultStorage();
    const { connectionString, containerName } = await workspace.getDefaultStorage({ useKeys: true });

    const [key] = standIn.secrets().filter((secret) => connectionString.includes(secret));
    expect(key).toBeDefined();
    expect(containerName).toBe(storage.containerName);
    expect(requests(standIn)).toEqual(expect.arrayContaining([`GET ${workspace.id}/datastores`]));
    expect(standIn.exchanges().filter(({ isFault, plane }) => isFault || plane !== 'management')).toEqual([]);
  });

  it('takes the address of the cloud where the datastore names none', async () => {
    const { standIn, workspace } = await openStandIn({ workspace: { cloud: 'AzureChinaCloud' } });
    serve(standIn, { ...blobStore, endpoint: undefined, protocol: null });

    expect(await workspace.getDefaultStorage()).toMatchObject({
      accountUrl: 'https://account1.blob.core.chinacloudapi.cn',
    });
  });

  it('gives a connection string with the key when it shall, and does not show it', async () => {
    const { standIn, workspace } = await openStandIn();
    serve(standIn, blobStore, secretsOf({ secretsType: 'AccountKey', key: KEY }));
    const storage = await workspace.getDefaultStorage({ useKeys: true });

    expect(storage.connectionString).toBe(
      `DefaultEndpointsProtocol=https;AccountName=account1;AccountKey=${KEY};EndpointSuffix=core.windows.net`,
    );
    expect(`${inspect(storage)} ${JSON.stringify(storage)}`).not.toContain(KEY.slice(0, 20));
    expect(JSON.parse(JSON.stringify(storage))).toMatchObject({ containerName: 'azureml-blobstore-1' });
  });

  it('gives a connection string with a signature where the datastore has one', async () => {
    const { standIn, workspace } = await openStandIn();
    serve(standIn, blobStore, secretsOf({ secretsType: 'Sas', sasToken: '?sv=2024&sig=abc' }));

    expect((await workspace.getDefaultStorage({ useKeys: true })).connectionString).toBe(
      'BlobEndpoint=https://account1.blob.core.windows.net;SharedAccessSignature=sv=2024&sig=abc',
    );
  });

  it.each([
    [
      'the service refuses',
      { status: 400, body: { error: { code: 'UserError', message: 'Identity-based datastore' } } },
    ],
    ['there is none', secretsOf({ secretsType: 'None' })],
    ['it is that of a service principal', secretsOf({ secretsType: 'ServicePrincipal', clientSecret: 'top-secret' })],
  ])('says that there is no key when %s, and what to do then', async (_, secrets) => {
    const { standIn, workspace } = await openStandIn();
    serve(standIn, blobStore, secrets);
    const error = await rejection(workspace.getDefaultStorage({ useKeys: true }));

    expect(error).toMatchObject({ code: 'STORAGE_KEYS_UNAVAILABLE' });
    expect(error.message).toContain('without useKeys');
    expect(inspect(error)).not.toContain('top-secret');
  });

  it('names the missing permission when keys are not for this account', async () => {
    const { standIn, workspace } = await openStandIn();
    const action = 'Microsoft.MachineLearningServices/workspaces/datastores/listSecrets/action';
    serve(standIn, blobStore, {
      status: 403,
      body: { error: { code: 'AuthorizationFailed', message: `No permission for '${action}'` } },
    });
    const error = await rejection(workspace.getDefaultStorage({ useKeys: true }));

    expect(error).toMatchObject({ code: 'PERMISSION_DENIED', message: expect.stringContaining(action) });
  });

  it('says so when the workspace has no default datastore, or one that is no blob store', async () => {
    const { standIn, workspace } = await openStandIn();
    serve(standIn, undefined);
    expect(await rejection(workspace.getDefaultStorage())).toMatchObject({ code: 'DATASTORE_NOT_FOUND' });
    serve(standIn, { datastoreType: 'AzureFile', accountName: 'a', fileShareName: 'b' });
    expect(await rejection(workspace.getDefaultStorage())).toMatchObject({
      code: 'DATASTORE_UNSUPPORTED',
      message: expect.stringContaining('AzureFile'),
    });
  });

  it('refuses an option that does not exist', async () => {
    const { workspace } = await openStandIn();

    expect(await rejection(workspace.getDefaultStorage({ useKey: true } as never))).toMatchObject({ path: 'useKey' });
  });
});
