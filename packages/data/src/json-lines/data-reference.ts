import { statusOf } from '@azureml-ts/common';
import type { CollectedFile } from '../files/collected-file.ts';
import type { FileStore } from '../store/file-store.ts';

/** The path of a datastore in an address of Azure ML. */
const DATASTORE = /^azureml:\/\/(?:.*\/)?datastores\/[^/]+\/paths\/(.+)$/i;
/** Addresses of Hadoop: the container stands before the account. */
const HADOOP = /^(?:abfss?|wasbs?):\/\/[^/@]+@[^/]+\/(.+)$/i;

/**
 * The paths in the container where the blob of a `dataref` may be: as an address of the container, of the datastore, or as
 * a path from the top of the container or from the folder of the record. A signature in it is not used.
 *
 * @returns None when it leads elsewhere.
 */
export function referencePaths(reference: string, file: Pick<CollectedFile, 'path'>, store: FileStore): string[] {
  const text = reference.trim();
  const inStore = DATASTORE.exec(text)?.[1] ?? HADOOP.exec(text)?.[1];
  if (inStore !== undefined) {
    return checked([decoded(inStore)]);
  }
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) {
    return checked(pathsOfAddress(text, store.urlOf('')));
  }
  const path = text.replace(/^\/+/, '');
  return checked([path, `${file.path.slice(0, file.path.lastIndexOf('/') + 1)}${path}`]);
}

/** Reads a blob that may be at one of several paths; a text says what is wrong. */
export async function readReference(
  store: FileStore,
  paths: readonly string[],
  mostBytes: number,
  abortSignal: AbortSignal | undefined,
): Promise<Buffer | string> {
  for (const path of paths) {
    const pieces: Uint8Array[] = [];
    let bytes = 0;
    try {
      for await (const piece of store.read(path, abortSignal, { to: mostBytes + 1 })) {
        pieces.push(piece);
        bytes += piece.length;
      }
    } catch (error) {
      if (isMissing(error)) {
        continue;
      }
      throw error;
    }
    return bytes > mostBytes ? `${path} has more than ${mostBytes} bytes` : Buffer.concat(pieces);
  }
  return paths.length === 0 ? 'it leads out of the container' : `${paths.join(' and ')} is not there`;
}

function pathsOfAddress(text: string, base: string): string[] {
  if (!URL.canParse(text) || !URL.canParse(base)) {
    return [];
  }
  const url = new URL(text);
  const own = new URL(base.endsWith('/') ? base : `${base}/`);
  if (own.protocol === 'file:' && url.protocol !== 'file:') {
    // The container was copied to a folder: what follows its name is the path there.
    return [decoded(url.pathname.split('/').slice(2).join('/'))];
  }
  const hostOf = ({ host }: URL) => host.replace('.dfs.', '.blob.');
  return url.protocol.replace('https', 'http') === own.protocol.replace('https', 'http') &&
    hostOf(url) === hostOf(own) &&
    url.pathname.startsWith(own.pathname)
    ? [decoded(url.pathname.slice(own.pathname.length))]
    : [];
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** A path never leads above the container, whatever a record says. */
function checked(paths: readonly string[]): string[] {
  return paths.filter(
    (path) =>
      path !== '' &&
      path.split('/').every((part) => part !== '' && part !== '.' && part !== '..') &&
      !/[\\\0]/.test(path),
  );
}

function isMissing(error: unknown): boolean {
  const { cause } = error as { cause?: unknown };
  const code = (cause as { code?: unknown } | undefined)?.code;
  return statusOf(error) === 404 || code === 'ENOENT' || code === 'ENOTDIR';
}
