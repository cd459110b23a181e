import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TokenCredential } from '@azure/core-auth';
import type { ContainerClient } from '@azure/storage-blob';
import { ValidationError } from '@azureml-ts/common';
import { MODEL_DATA_CONTAINER } from '../format/columns.ts';

/**
 * Where collected rows are stored: one of these four shapes.
 *
 * | shape | meaning |
 * |---|---|
 * | `{ connectionString }` | a storage account by its connection string, or Azurite's |
 * | `{ accountUrl, credential? }` | a storage account by its blob address, signed in to with a credential; without one, with `DefaultAzureCredential` of @azure/identity, or the shared access signature in the address |
 * | `{ containerClient }` | a container that the caller opened, whatever its name |
 * | `{ directory }` | a folder on this machine: the same paths as files below `<directory>/modeldata` |
 *
 * A credential needs the role *Storage Blob Data Contributor* on the account or the container `modeldata`.
 */
export type StorageTarget =
  | { readonly connectionString: string }
  | { readonly accountUrl: string; readonly credential?: TokenCredential | undefined }
  | { readonly containerClient: ContainerClient }
  | { readonly directory: string };

/**
 * Reads a storage setting as it stands in an environment variable or on a command line.
 *
 * @param text A connection string, the blob address of an account (`https://...`), or a `file:` URL of a folder.
 * @param source Where the text comes from, for the error, for example `AML_MODEL_DC_STORAGE`.
 * @throws ValidationError (`VALIDATION`) when it is none of these. The text itself is not repeated: it may hold a key.
 */
export function parseStorageTarget(text: string, source: string): StorageTarget {
  const value = text.trim();
  if (/^file:/i.test(value)) {
    try {
      // Without the slashes a relative path would silently become one from the root.
      if (!/^file:\/\//i.test(value)) {
        throw new TypeError('a file: URL starts with file://');
      }
      return { directory: fileURLToPath(value) };
    } catch (cause) {
      throw storageFault(source, 'a file: URL of a folder, such as file:///var/modeldata', { cause });
    }
  }
  if (/^https?:\/\//i.test(value)) {
    if (!URL.canParse(value)) {
      throw storageFault(
        source,
        'the blob address of a storage account, such as https://account.blob.core.windows.net',
      );
    }
    return { accountUrl: value };
  }
  return { connectionString: parseConnectionString(value, source) };
}

/** Checks a connection string by the rules of the storage client, whose own errors speak of other things. */
function parseConnectionString(value: string, source: string): string {
  if (/^UseDevelopmentStorage\s*=\s*true\s*(;|$)/i.test(value)) {
    return value;
  }
  const keys = new Set(value.split(';').map((pair) => pair.split('=')[0]?.trim()));
  if (keys.has('AccountName') && keys.has('AccountKey')) {
    // The protocol may be left out; the client would then take the string for one with a signature.
    return keys.has('DefaultEndpointsProtocol') ? value : `DefaultEndpointsProtocol=https;${value}`;
  }
  if (keys.has('BlobEndpoint') && keys.has('SharedAccessSignature')) {
    return value;
  }
  throw storageFault(
    source,
    'a storage connection string (with AccountName and AccountKey, or with BlobEndpoint and SharedAccessSignature), a blob address (https://...) or a file: URL',
  );
}

function storageFault(source: string, expected: string, options: { cause?: unknown } = {}): ValidationError {
  return new ValidationError({
    path: source,
    expected,
    message: `${source} must be ${expected}; what it holds is neither. Its value is not shown because it may hold a key.`,
    ...options,
  });
}

/**
 * Checks a storage target that a program gives, which may have no types.
 *
 * @param target Anything.
 * @param path Name of the option, for the error.
 * @throws ValidationError (`VALIDATION`) when it has not exactly one of the four shapes.
 */
export function checkStorageTarget(target: unknown, path: string): asserts target is StorageTarget {
  const shape = (typeof target === 'object' && target !== null ? target : {}) as Record<string, unknown>;
  const named = ['connectionString', 'accountUrl', 'containerClient', 'directory'].filter((name) => name in shape);
  const [name = ''] = named;
  const value = shape[name];
  const isUsable = name === 'containerClient' ? typeof value === 'object' && value !== null : typeof value === 'string';
  if (named.length !== 1 || !isUsable || value === '') {
    throw new ValidationError({
      path,
      expected: 'one of { connectionString }, { accountUrl, credential? }, { containerClient } and { directory }',
      message: `${path} must be one of { connectionString }, { accountUrl, credential? }, { containerClient } and { directory }, with a value that is not empty${named.length === 1 ? `; ${name} is ${value === '' ? 'empty' : value === null ? 'null' : typeof value}` : ''}.`,
    });
  }
  if (name === 'connectionString') {
    parseConnectionString(String(value), `${path}.connectionString`);
  } else if (name === 'accountUrl' && !/^https?:\/\//i.test(String(value))) {
    throw storageFault(
      `${path}.accountUrl`,
      'the blob address of a storage account, such as https://account.blob.core.windows.net',
    );
  }
}

/** Says where rows go, without secrets, for log lines. */
export function describeStorage(target: StorageTarget): string {
  if ('directory' in target) {
    return `directory ${target.directory}`;
  }
  if ('containerClient' in target) {
    return `container ${withoutQuery(target.containerClient.url)}`;
  }
  if ('accountUrl' in target) {
    return `account ${withoutQuery(target.accountUrl)}`;
  }
  const endpoint = /BlobEndpoint\s*=\s*([^;]+)/i.exec(target.connectionString)?.[1];
  const name = /AccountName\s*=\s*([^;]+)/i.exec(target.connectionString)?.[1];
  return `account ${endpoint === undefined ? (name ?? 'of the development storage') : withoutQuery(endpoint)}`;
}

/**
 * Address of the container or folder that a target leads to: the same for every way to name it, and without secrets.
 *
 * @param containerName Another container of the account than that of collected rows.
 * @returns `https://<account>.blob.core.windows.net/modeldata`, or the absolute path of the folder.
 */
export function storageAddress(target: StorageTarget, containerName: string = MODEL_DATA_CONTAINER): string {
  if ('directory' in target) {
    return resolve(target.directory);
  }
  if ('containerClient' in target) {
    return plainUrl(target.containerClient.url);
  }
  const account = 'accountUrl' in target ? target.accountUrl : blobEndpoint(target.connectionString);
  return `${plainUrl(account)}/${containerName}`;
}

/** The account that a connection string names, by the rules of the storage client. */
function blobEndpoint(connectionString: string): string {
  const value = (name: string) =>
    new RegExp(`(?:^|;)\\s*${name}\\s*=\\s*([^;]+)`, 'i').exec(connectionString)?.[1]?.trim();
  if (/^UseDevelopmentStorage\s*=\s*true/i.test(connectionString.trim())) {
    return `${value('DevelopmentStorageProxyUri') ?? 'http://127.0.0.1'}:10000/devstoreaccount1`;
  }
  const protocol = value('DefaultEndpointsProtocol') ?? 'https';
  const suffix = value('EndpointSuffix') ?? 'core.windows.net';
  return value('BlobEndpoint') ?? `${protocol}://${value('AccountName') ?? 'unknown'}.blob.${suffix}`;
}

/** A URL without query, credentials and the slash at its end, the host in lower case. */
function plainUrl(url: string): string {
  if (!URL.canParse(url)) {
    return withoutQuery(url);
  }
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname.replace(/\/+$/, '')}`;
}

function withoutQuery(url: string): string {
  return url.split('?')[0] ?? url;
}
