import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { storageFault } from '../../src/local/storage-fault.ts';

// The client that the service will open the storage with.
const { BlobServiceClient } = createRequire(resolve(__dirname, '../../../monitoring/package.json'))(
  '@azure/storage-blob',
);

const NAMED = 'AccountName=a;AccountKey=c2VjcmV0';
const SAS = 'SharedAccessSignature=sv=1&sig=x';
const CONNECTION_STRINGS = [
  'UseDevelopmentStorage=true',
  'UseDevelopmentStorage=true;DevelopmentStorageProxyUri=http://127.0.0.1',
  `DefaultEndpointsProtocol=https;${NAMED};EndpointSuffix=core.windows.net`,
  `DefaultEndpointsProtocol=HTTPS; ${NAMED} ; EndpointSuffix=core.windows.net;`,
  `DefaultEndpointsProtocol=ftp;${NAMED};EndpointSuffix=core.windows.net`,
  `DefaultEndpointsProtocol=https;${NAMED}`,
  `DefaultEndpointsProtocol=https;${NAMED};BlobEndpoint=http://127.0.0.1:10000/a/`,
  'DefaultEndpointsProtocol=https;AccountKey=c2VjcmV0;EndpointSuffix=core.windows.net',
  'DefaultEndpointsProtocol=https;AccountName=a;AccountKey=;EndpointSuffix=core.windows.net',
  `defaultendpointsprotocol=https;accountname=a;accountkey=c2VjcmV0;endpointsuffix=core.windows.net`,
  NAMED,
  `${NAMED};BlobEndpoint=http://127.0.0.1:10000/a`,
  `AccountName=a;${SAS}`,
  `AccountName=a;${SAS};EndpointSuffix=core.windows.net`,
  `BlobEndpoint=http://127.0.0.1:10000/a;${SAS}`,
  `BlobEndpoint=https://a.blob.core.windows.net/;AccountName=a;${SAS}`,
  `BlobEndpoint=nowhere;${SAS}`,
  `BlobEndpoint=nowhere;AccountName=a;${SAS}`,
  'BlobEndpoint=http://127.0.0.1:10000/a',
  SAS,
  'AccountName=a',
  'AccountKey=c2VjcmV0',
  'AccountName=a;AccountKey',
];

function isTakenByTheClient(text: string): boolean {
  try {
    BlobServiceClient.fromConnectionString(text);
    return true;
  } catch {
    return false;
  }
}

describe('storageFault', () => {
  it.each(CONNECTION_STRINGS)('takes the connection string %p if and only if the storage client does', (text) => {
    expect(storageFault(text) === undefined).toBe(isTakenByTheClient(text));
  });

  it.each(['https://account.blob.core.windows.net', 'https://a.test/?sv=1;x&sig=x', 'file:///var/rows', undefined])(
    'takes %p',
    (storage) => {
      expect(storageFault(storage)).toBeUndefined();
    },
  );

  it.each(['', ' ', './rows', 'C:\\rows', 'ftp://host/rows', 'file://other/rows', 'file:rows', 'http://', 7, {}])(
    'refuses %p',
    (storage) => {
      expect(storageFault(storage)).toMatch(/^(must be|is) /);
    },
  );

  it('never quotes a key', () => {
    expect(storageFault('AccountName=a;AccountKey=c2VjcmV0')).not.toContain('c2VjcmV0');
  });
});
