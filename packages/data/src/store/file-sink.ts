import type { ContainerClient } from '@azure/storage-blob';
import { describeStorage, openContainer } from '@azureml-ts/monitoring/format';
import { BlobFileSink } from './blob-file-sink.ts';
import { DirectoryFileSink } from './directory-file-sink.ts';
import { type ExportTarget, parseExportTarget } from './export-target.ts';

export type { ExportTarget } from './export-target.ts';

/** How to write a file. */
export interface WriteOptions {
  /** What the file is, for example `text/csv`; a folder keeps no such thing. Default `application/octet-stream`. */
  readonly contentType?: string | undefined;
  /** Fails with `FILE_EXISTS` when the file is there. Default: it is replaced. */
  readonly ifNotExists?: boolean | undefined;
  /** Ends the work: the write rejects with the signal's reason, and no file is left. */
  readonly abortSignal?: AbortSignal | undefined;
}

/** A file that was written. */
export interface WrittenFile {
  /** Path below the target, with slashes. */
  readonly path: string;
  /** Address of the blob without signature, or `file:` URL. */
  readonly url: string;
  /** Size in bytes. */
  readonly bytes: number;
  /** SHA-256 of the bytes, lower-case hexadecimal. */
  readonly sha256: string;
}

/** Where files are written: a folder, or a folder of a blob container. */
export interface FileSink {
  /** Where it is, without secrets, for messages. */
  readonly place: string;
  /**
   * Writes a file: it is there whole, or not at all.
   *
   * @param path Path below the target, with slashes.
   * @param pieces Its bytes; a piece may be used again by the caller once the next one is asked for.
   * @throws ValidationError (`VALIDATION`) for the path; AzuremlError `FILE_EXISTS` with `ifNotExists`,
   *   `STORAGE_WRITE_FAILED` when the target refuses or fails; whatever `pieces` throws.
   */
  write(path: string, pieces: AsyncIterable<Uint8Array> | Uint8Array, options?: WriteOptions): Promise<WrittenFile>;
  /**
   * Removes a file.
   *
   * @returns Whether it was there.
   * @throws AzuremlError `STORAGE_WRITE_FAILED`.
   */
  remove(path: string, abortSignal?: AbortSignal | undefined): Promise<boolean>;
}

/** A target whose container is open; a prefix is empty or ends with a slash. */
export type OpenedTarget =
  | { readonly directory: string }
  | { readonly container: ContainerClient; readonly prefix: string; readonly place: string };

/**
 * Finds out what a target is, and opens its container. No request is made.
 *
 * @param target See {@link ExportTarget}.
 * @param name Name of the option, for errors.
 * @throws ValidationError (`VALIDATION`) when the target has none of its shapes; AzuremlError `IDENTITY_NOT_INSTALLED`
 *   when an account is given by its address alone and @azure/identity is not installed.
 */
export async function resolveTarget(target: ExportTarget, name = 'target'): Promise<OpenedTarget> {
  const resolved = parseExportTarget(target, name);
  if ('directory' in resolved) {
    return resolved;
  }
  const { storage, container, prefix } = resolved;
  const place =
    'containerClient' in storage ? describeStorage(storage) : `${describeStorage(storage)}, container ${container}`;
  return { container: await openContainer(storage, {}, container), prefix, place };
}

/** Where the files of an open target are written. */
export function sinkOf(opened: OpenedTarget): FileSink {
  return 'directory' in opened
    ? new DirectoryFileSink(opened.directory)
    : new BlobFileSink(opened.container, opened.prefix, opened.place);
}

/** Opens a target of files. No request is made; it throws as {@link resolveTarget}. */
export async function openSink(target: ExportTarget, name = 'target'): Promise<FileSink> {
  return sinkOf(await resolveTarget(target, name));
}
