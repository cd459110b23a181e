import { isAbsolute, resolve } from 'node:path';
import { ValidationError } from '@azureml-ts/common';
import { MODEL_DATA_CONTAINER, type StorageTarget } from '@azureml-ts/monitoring/format';

/** Where rows are, as generated texts name it: without secrets. */
export type StoragePlace =
  | {
      readonly kind: 'account';
      /** Name of the account. */
      readonly account: string;
      /** Address of its blobs, without a slash at the end. */
      readonly blobUrl: string;
      /** Host of its Data Lake endpoint; `undefined` when it cannot be told from the address. */
      readonly dfsHost: string | undefined;
      /** Name of the container. */
      readonly container: string;
    }
  | {
      readonly kind: 'directory';
      /** Absolute path of the folder that stands for the container. */
      readonly directory: string;
    };

/** Finds the place that a target leads to. Nothing is contacted. */
export function storagePlace(target: StorageTarget): StoragePlace {
  if ('directory' in target) {
    const { directory } = target;
    // A folder of another system, such as one on a Windows drive, stays as it is.
    const isThere = isAbsolute(directory) || /^[A-Za-z]:[\\/]/.test(directory);
    return {
      kind: 'directory',
      directory: `${(isThere ? directory : resolve(directory)).replace(/[\\/]+$/, '')}/${MODEL_DATA_CONTAINER}`,
    };
  }
  if ('containerClient' in target) {
    const { url, accountName, containerName } = target.containerClient;
    return accountPlace(new URL(url.split('?')[0] ?? ''), accountName, containerName);
  }
  if ('accountUrl' in target) {
    return accountPlace(new URL(target.accountUrl), undefined, MODEL_DATA_CONTAINER);
  }
  const { url, name } = connectionParts(target.connectionString);
  return accountPlace(url, name, MODEL_DATA_CONTAINER);
}

function accountPlace(url: URL, name: string | undefined, container: string): StoragePlace {
  const host = url.hostname;
  const isPublic = /^[a-z0-9-]+(\.[a-z0-9-]+)*\.blob\./.test(host);
  // Elsewhere the account is a folder of the address: http://127.0.0.1:10000/devstoreaccount1.
  const account = isPublic ? host.slice(0, host.indexOf('.')) : (name ?? url.pathname.split('/')[1] ?? '');
  const folder = isPublic || url.pathname.split('/')[1] !== account ? '' : `/${account}`;
  return {
    kind: 'account',
    account: account === '' ? host : account,
    blobUrl: `${url.protocol}//${url.host}${folder}`,
    dfsHost: isPublic ? host.replace('.blob.', '.dfs.') : undefined,
    container,
  };
}

/** The account that a connection string names, by the rules of the storage client. */
function connectionParts(connectionString: string): { url: URL; name: string | undefined } {
  const value = (key: string) =>
    new RegExp(`(?:^|;)\\s*${key}\\s*=\\s*([^;]+)`, 'i').exec(connectionString)?.[1]?.trim();
  if (/^UseDevelopmentStorage\s*=\s*true/i.test(connectionString.trim())) {
    const proxy = value('DevelopmentStorageProxyUri') ?? 'http://127.0.0.1';
    return { url: new URL(`${proxy}:10000/devstoreaccount1`), name: 'devstoreaccount1' };
  }
  const name = value('AccountName');
  const endpoint =
    value('BlobEndpoint') ??
    `${value('DefaultEndpointsProtocol') ?? 'https'}://${name}.blob.${value('EndpointSuffix') ?? 'core.windows.net'}`;
  if (!URL.canParse(endpoint)) {
    throw new ValidationError({ path: 'storage', expected: 'a connection string whose addresses are addresses' });
  }
  return { url: new URL(endpoint), name };
}
