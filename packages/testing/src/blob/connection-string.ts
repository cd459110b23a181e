import { ValidationError } from '@azureml-ts/common';

/** Name of the account that every emulator of Azure Storage has. @internal */
export const EMULATOR_ACCOUNT = 'devstoreaccount1';
/** Key of that account: published, the same everywhere, and no secret. @internal */
const EMULATOR_KEY = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

/** Connection string of an emulator. @internal */
export function emulatorConnectionString(url: string): string {
  return (
    `DefaultEndpointsProtocol=http;AccountName=${EMULATOR_ACCOUNT};AccountKey=${EMULATOR_KEY};` +
    `BlobEndpoint=${url}/${EMULATOR_ACCOUNT};`
  );
}

/** A storage connection string, and where its blobs are. @internal */
export interface BlobTarget {
  /** Root of the account: `http://127.0.0.1:1/devstoreaccount1`, or `https://name.blob.core.windows.net/`. */
  readonly endpoint: URL;
  /** The same connection string for another root. */
  withEndpoint(endpoint: string): string;
}

/**
 * Finds the blob endpoint of a storage connection string.
 *
 * @throws {@link ValidationError} when the text names no blob endpoint.
 * @internal
 */
export function parseBlobTarget(connectionString: string): BlobTarget {
  const parts = connectionString
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      const at = part.indexOf('=');
      return [part.slice(0, at), part.slice(at + 1)] as const;
    });
  const value = (name: string) => parts.find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1];
  const account = value('AccountName');
  const suffix = value('EndpointSuffix') ?? 'core.windows.net';
  const named = account && `${value('DefaultEndpointsProtocol') ?? 'https'}://${account}.blob.${suffix}/`;
  const endpoint = value('BlobEndpoint') ?? named;
  if (endpoint === undefined || endpoint === '' || !URL.canParse(endpoint)) {
    throw new ValidationError({
      path: 'target',
      expected: 'a storage connection string with BlobEndpoint, or with AccountName',
    });
  }
  return {
    endpoint: new URL(endpoint),
    withEndpoint: (other) =>
      [
        'DefaultEndpointsProtocol=http',
        ...parts
          .filter(([key]) => !/^(DefaultEndpointsProtocol|EndpointSuffix|\w+Endpoint)$/i.test(key))
          .map(([key, text]) => `${key}=${text}`),
        `BlobEndpoint=${other}`,
        '',
      ].join(';'),
  };
}
