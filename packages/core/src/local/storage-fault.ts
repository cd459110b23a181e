import { fileURLToPath } from 'node:url';

const FORMS = 'must be a storage connection string, the URL of a storage account or a file: URL of a folder';
const HOLDS = 'is a connection string';

/**
 * Tells what is wrong with the storage setting, without quoting it: it may hold a key.
 *
 * @param storage The setting, which may be anything.
 * @returns What is wrong, or `undefined`.
 */
export function storageFault(storage: unknown): string | undefined {
  if (storage === undefined) {
    return undefined;
  }
  if (typeof storage !== 'string') {
    return `${FORMS}, but is of type ${typeof storage}`;
  }
  const text = storage.trim();
  if (text === '') {
    return `${FORMS}, but is empty`;
  }
  // An address, also one with a signature in its query; a connection string has a name and "=" first.
  return /^[a-z][a-z0-9+.-]*:/i.test(text) ? urlFault(text) : connectionStringFault(text);
}

function urlFault(text: string): string | undefined {
  if (!URL.canParse(text)) {
    return `${FORMS}; it is none of them (for a folder use pathToFileURL(folder).href)`;
  }
  const url = new URL(text);
  if (url.protocol !== 'file:') {
    return url.protocol === 'https:' || url.protocol === 'http:'
      ? undefined
      : `${FORMS}, but starts with ${url.protocol}`;
  }
  try {
    // Without the slashes a relative path would silently become one from the root.
    fileURLToPath(/^file:\/\//i.test(text) ? url : '');
    return undefined;
  } catch {
    return 'is a file: URL that does not name a folder of this machine (use pathToFileURL(folder).href)';
  }
}

/**
 * Takes the connection strings that the storage client takes, names of parts in the same case.
 *
 * Source: `BlobServiceClient.fromConnectionString` of @azure/storage-blob.
 */
function connectionStringFault(text: string): string | undefined {
  if (text.startsWith('UseDevelopmentStorage=true')) {
    return undefined;
  }
  if (!/^\w+\s*=/.test(text)) {
    return `${FORMS}; it is none of them (for a folder use pathToFileURL(folder).href)`;
  }
  const parts = text.split(';').map((part) => part.trim());
  // The first part that begins like this counts, as there, also when it has a longer name.
  const part = (name: string) =>
    parts.find((candidate) => candidate.startsWith(name))?.match(`${name}=(.*)`)?.[1] ?? '';
  const endpoint = part('BlobEndpoint');
  if (endpoint !== '' && !(URL.canParse(endpoint) && /^https?:$/.test(new URL(endpoint).protocol))) {
    return `${HOLDS} whose BlobEndpoint is no http(s) URL`;
  }
  if (text.includes('DefaultEndpointsProtocol=') && text.includes('AccountKey=')) {
    return accountFault(part, endpoint);
  }
  if (endpoint !== '' && part('SharedAccessSignature') !== '') {
    return undefined;
  }
  return `${HOLDS} without DefaultEndpointsProtocol, AccountName and AccountKey, or BlobEndpoint and SharedAccessSignature`;
}

function accountFault(part: (name: string) => string, endpoint: string): string | undefined {
  if (endpoint === '') {
    if (!/^https?$/i.test(part('DefaultEndpointsProtocol'))) {
      return `${HOLDS} whose DefaultEndpointsProtocol is neither https nor http`;
    }
    if (part('EndpointSuffix') === '') {
      return `${HOLDS} without EndpointSuffix (such as core.windows.net) or BlobEndpoint`;
    }
  }
  if (part('AccountName') === '') {
    return `${HOLDS} without AccountName`;
  }
  return Buffer.from(part('AccountKey'), 'base64').length === 0
    ? `${HOLDS} whose AccountKey is missing or not base64`
    : undefined;
}
