import { isIP } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { ContainerClient } from '@azure/storage-blob';
import { ValidationError } from '@azureml-ts/common';
import type { StorageTarget } from '@azureml-ts/monitoring/format';
import { checkSinkPath } from './sink-path.ts';

type Credential = Extract<StorageTarget, { readonly accountUrl: string }>['credential'];

/**
 * Where files are written: one of these shapes.
 *
 * | shape | meaning |
 * |---|---|
 * | a text or `URL` | a folder by its path or `file:` URL; a container by its address, `https://<account>.blob.core.windows.net/<container>[/<prefix>]`, with a shared access signature in it or else signed in to with `DefaultAzureCredential` of @azure/identity |
 * | `{ directory }` | a folder; files stand directly below it |
 * | `{ containerClient, prefix? }` | a container that the caller opened |
 * | `{ connectionString, container, prefix? }` | a container of a storage account by its connection string |
 * | `{ accountUrl, credential?, container, prefix? }` | a container of a storage account by its blob address |
 *
 * A folder or container that is not there is made by the first write. `prefix` is the folder in the container. A
 * credential needs the role *Storage Blob Data Contributor* on the account or the container.
 */
export type ExportTarget =
  | string
  | URL
  | { readonly directory: string }
  | { readonly containerClient: ContainerClient; readonly prefix?: string | undefined }
  | { readonly connectionString: string; readonly container: string; readonly prefix?: string | undefined }
  | {
      readonly accountUrl: string;
      readonly credential?: Credential;
      readonly container: string;
      readonly prefix?: string | undefined;
    };

/** The same, checked; a prefix is empty or ends with a slash. */
export type ResolvedExportTarget =
  | { readonly directory: string }
  | {
      readonly storage: Exclude<StorageTarget, { readonly directory: string }>;
      readonly container: string | undefined;
      readonly prefix: string;
    };

/**
 * Checks a target.
 *
 * @param target Anything.
 * @param path Name of the option, for the error.
 * @throws ValidationError (`VALIDATION`). What came is not repeated: it may hold a key or a signature.
 */
export function parseExportTarget(target: ExportTarget, path = 'target'): ResolvedExportTarget {
  if (typeof target === 'string' || target instanceof URL) {
    return parseText(String(target).trim(), path);
  }
  const shape = (typeof target === 'object' && target !== null ? target : {}) as Record<string, unknown>;
  const named = ['containerClient', 'connectionString', 'accountUrl', 'directory'].filter((name) => name in shape);
  const [name = ''] = named;
  const value = shape[name];
  if (named.length !== 1 || (name === 'containerClient' ? !isObject(value) : !isText(value))) {
    throw fault(path);
  }
  if (name === 'directory') {
    return { directory: String(value) };
  }
  const prefix = checkPrefix(shape['prefix'], `${path}.prefix`);
  if (name === 'containerClient') {
    return { storage: { containerClient: value as ContainerClient }, container: undefined, prefix };
  }
  if (name === 'accountUrl' && !/^https?:\/\//i.test(String(value))) {
    throw fault(path);
  }
  const container = checkContainer(shape['container'], `${path}.container`);
  const storage =
    name === 'connectionString'
      ? { connectionString: String(value) }
      : { accountUrl: String(value), credential: shape['credential'] as Credential };
  return { storage, container, prefix };
}

function parseText(text: string, path: string): ResolvedExportTarget {
  if (/^file:/i.test(text)) {
    try {
      return { directory: fileURLToPath(text) };
    } catch (cause) {
      throw fault(path, cause);
    }
  }
  if (/^https?:\/\//i.test(text)) {
    return parseAddress(text, path);
  }
  // A connection string given by mistake would otherwise become a folder that is named by a key.
  if (text === '' || /(^|;)\s*(AccountKey|SharedAccessSignature|AccountName)\s*=/i.test(text)) {
    throw fault(path);
  }
  return { directory: text };
}

function parseAddress(text: string, path: string): ResolvedExportTarget {
  if (!URL.canParse(text)) {
    throw fault(path);
  }
  const url = new URL(text);
  let parts: string[];
  try {
    parts = url.pathname
      .split('/')
      .filter((part) => part !== '')
      .map(decodeURIComponent);
  } catch (cause) {
    throw fault(path, cause);
  }
  // An account that is named by an IP address or this machine's name stands in the path, as in Azurite.
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const account = isIP(host) !== 0 || host === 'localhost' ? `/${parts.shift() ?? ''}` : '';
  const [container, ...prefix] = parts;
  return {
    storage: { accountUrl: `${url.protocol}//${url.host}${account}${url.search}` },
    container: checkContainer(container, path),
    prefix: checkPrefix(prefix.join('/'), path),
  };
}

function checkContainer(value: unknown, path: string): string {
  if (typeof value !== 'string' || !/^(\$web|\$root|[a-z0-9](?:-?[a-z0-9]){2,62})$/.test(value)) {
    throw new ValidationError({
      path,
      expected: 'the name of a container: 3 to 63 lower-case letters, digits and single dashes',
      received: value,
    });
  }
  return value;
}

function checkPrefix(value: unknown, path: string): string {
  const text = typeof value === 'string' ? value.replace(/^\/+|\/+$/g, '') : (value ?? '');
  return text === '' ? '' : `${checkSinkPath(text, path)}/`;
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== '';
}

function fault(path: string, cause?: unknown): ValidationError {
  const expected =
    'the path or file: URL of a folder, the https address of a container, or one of { directory }, { containerClient }, { connectionString, container } and { accountUrl, container }';
  return new ValidationError({
    path,
    expected,
    message: `${path} must be ${expected}. What came is not shown because it may hold a key.`,
    ...(cause === undefined ? {} : { cause }),
  });
}
