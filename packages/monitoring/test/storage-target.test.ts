import { describeStorage, parseStorageTarget, storageAddress } from '../src/storage/storage-target.ts';

describe('the storage setting', () => {
  it.each([
    ['file:///var/rows', { directory: '/var/rows' }],
    ['https://acct.blob.core.windows.net', { accountUrl: 'https://acct.blob.core.windows.net' }],
    [' UseDevelopmentStorage=true; ', { connectionString: 'UseDevelopmentStorage=true;' }],
    ['AccountName=a;AccountKey=k', { connectionString: 'DefaultEndpointsProtocol=https;AccountName=a;AccountKey=k' }],
    [
      'UseDevelopmentStorage=true;DevelopmentStorageProxyUri=http://h',
      { connectionString: 'UseDevelopmentStorage=true;DevelopmentStorageProxyUri=http://h' },
    ],
    [
      'BlobEndpoint=http://h/a;SharedAccessSignature=sig',
      { connectionString: 'BlobEndpoint=http://h/a;SharedAccessSignature=sig' },
    ],
  ])('reads %s', (text, target) => {
    expect(parseStorageTarget(text, 'X')).toEqual(target);
  });

  it.each([
    '',
    'nonsense',
    'AccountName=a',
    'AccountName=a;SharedAccessSignature=sig',
    'AccountKey=secret1',
    'file:relative',
    'https://',
  ])('refuses %j without showing it', (text) => {
    const error = (() => {
      try {
        return parseStorageTarget(text, 'AML_MODEL_DC_STORAGE');
      } catch (caught) {
        return caught as Error;
      }
    })();
    expect(error).toMatchObject({
      code: 'VALIDATION',
      message: expect.stringContaining('AML_MODEL_DC_STORAGE must be'),
    });
    expect(String(error)).not.toMatch(/secret1|redacted/);
  });

  it('is described without its secrets', () => {
    const texts = [
      describeStorage({ connectionString: 'AccountName=acct;AccountKey=secret1' }),
      describeStorage({ accountUrl: 'https://acct.blob.core.windows.net/?sv=1&sig=secret1' }),
      describeStorage({ directory: '/rows' }),
    ];
    expect(texts).toEqual(['account acct', 'account https://acct.blob.core.windows.net/', 'directory /rows']);
  });

  it.each([
    [{ connectionString: 'AccountName=acct;AccountKey=secret1' }, 'https://acct.blob.core.windows.net/modeldata'],
    [
      { connectionString: 'DefaultEndpointsProtocol=http;AccountName=a;AccountKey=secret1;EndpointSuffix=core.cn' },
      'http://a.blob.core.cn/modeldata',
    ],
    [
      { connectionString: 'AccountName=a;AccountKey=secret1;BlobEndpoint=http://127.0.0.1:10000/a/;' },
      'http://127.0.0.1:10000/a/modeldata',
    ],
    [
      { connectionString: 'BlobEndpoint=https://A.example/?sig=secret1;SharedAccessSignature=sig=secret1' },
      'https://a.example/modeldata',
    ],
    [{ connectionString: 'UseDevelopmentStorage=true' }, 'http://127.0.0.1:10000/devstoreaccount1/modeldata'],
    [
      { connectionString: 'UseDevelopmentStorage=true;DevelopmentStorageProxyUri=http://azurite' },
      'http://azurite:10000/devstoreaccount1/modeldata',
    ],
    [
      { accountUrl: 'https://Acct.blob.core.windows.net//?sv=1&sig=secret1' },
      'https://acct.blob.core.windows.net/modeldata',
    ],
    [{ accountUrl: 'https://user:secret1@acct.blob.core.windows.net' }, 'https://acct.blob.core.windows.net/modeldata'],
    [{ directory: '/rows/../rows/' }, '/rows'],
  ])('has one address without secrets, however it is given: %j', (target, address) => {
    expect(storageAddress(target)).toBe(address);
  });
});
