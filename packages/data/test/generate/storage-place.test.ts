import { parseStorageTarget } from '@azureml-ts/monitoring/format';
import { storagePlace } from '../../src/generate/storage-place.ts';

const account = {
  kind: 'account',
  account: 'acct',
  blobUrl: 'https://acct.blob.core.windows.net',
  dfsHost: 'acct.dfs.core.windows.net',
  container: 'modeldata',
};

describe('the place that a generated text names', () => {
  it.each([
    ['its address', 'https://acct.blob.core.windows.net'],
    ['its address with a slash', 'https://acct.blob.core.windows.net/'],
    ['its address with a signature', 'https://acct.blob.core.windows.net/?sv=2024&sig=c2VjcmV0'],
    [
      'a connection string',
      'DefaultEndpointsProtocol=https;AccountName=acct;AccountKey=c2VjcmV0;EndpointSuffix=core.windows.net',
    ],
    ['a connection string without endpoint', 'AccountName=acct;AccountKey=c2VjcmV0'],
    [
      'a connection string with a signature',
      'BlobEndpoint=https://acct.blob.core.windows.net/;SharedAccessSignature=sv=2024&sig=c2VjcmV0',
    ],
  ])('is the account, by %s', (_, text) => {
    expect(storagePlace(parseStorageTarget(text, 'storage'))).toEqual(account);
  });

  it('is in another cloud, or in a zone of accounts, where its address says so', () => {
    expect(storagePlace({ accountUrl: 'https://acct.blob.core.chinacloudapi.cn' })).toMatchObject({
      account: 'acct',
      dfsHost: 'acct.dfs.core.chinacloudapi.cn',
    });
    expect(storagePlace({ accountUrl: 'https://acct.z01.blob.storage.azure.net' })).toMatchObject({
      account: 'acct',
      dfsHost: 'acct.z01.dfs.storage.azure.net',
    });
  });

  it('is an emulator, which has no address for Data Lake', () => {
    const emulator = {
      account: 'devstoreaccount1',
      blobUrl: 'http://127.0.0.1:10000/devstoreaccount1',
      dfsHost: undefined,
    };
    expect(storagePlace({ connectionString: 'UseDevelopmentStorage=true' })).toMatchObject(emulator);
    expect(storagePlace({ accountUrl: 'http://127.0.0.1:10000/devstoreaccount1' })).toMatchObject(emulator);
  });

  it('is a folder, whatever system it is of', () => {
    expect(storagePlace({ directory: '/data/rows/' })).toEqual({
      kind: 'directory',
      directory: '/data/rows/modeldata',
    });
    expect(storagePlace({ directory: 'C:\\rows' })).toEqual({ kind: 'directory', directory: 'C:\\rows/modeldata' });
    expect(storagePlace({ directory: 'rows' })).toEqual({
      kind: 'directory',
      directory: `${process.cwd()}/rows/modeldata`,
    });
  });
});
