import { describeStorage, parseStorageTarget } from '../src/storage/storage-target.ts';

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
});
