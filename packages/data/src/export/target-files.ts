import { readFile, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { ContainerClient } from '@azure/storage-blob';
import { statusOf } from '@azureml-ts/common';
import { type ExportTarget, type FileSink, type OpenedTarget, resolveTarget, sinkOf } from '../store/file-sink.ts';
import { storageFailure } from '../store/storage-failure.ts';

/** A target that is also looked at: what an earlier run left there. */
export interface TargetFiles {
  /** Writes. */
  readonly sink: FileSink;
  /** A small file; `undefined` when it is not there. */
  read(name: string, abortSignal: AbortSignal | undefined): Promise<Uint8Array | undefined>;
  /** Size of a file in bytes; `undefined` when it is not there. */
  size(name: string, abortSignal: AbortSignal | undefined): Promise<number | undefined>;
  /** Whether a file has the address that another one is read from. */
  isAt(name: string, url: string): Promise<boolean>;
}

/**
 * Opens a target for writing and for looking at what is there. No request is made.
 *
 * @throws As `resolveTarget`.
 */
export async function openTarget(target: ExportTarget, name = 'target'): Promise<TargetFiles> {
  return filesOf(await resolveTarget(target, name));
}

/** The files of an open target. */
export function filesOf(opened: OpenedTarget): TargetFiles {
  const sink = sinkOf(opened);
  const files = 'directory' in opened ? folderFiles(opened.directory) : blobFiles(opened.container, opened.prefix);
  const look =
    <T>(find: (name: string, abortSignal: AbortSignal | undefined) => Promise<T>) =>
    async (file: string, abortSignal: AbortSignal | undefined): Promise<T | undefined> => {
      abortSignal?.throwIfAborted();
      try {
        return await find(file, abortSignal);
      } catch (error) {
        if (isMissing(error)) {
          return undefined;
        }
        throw storageFailure(error, { what: `The file ${file} could not be read`, place: sink.place, abortSignal });
      }
    };
  const isAt = async (file: string, url: string) => (await files.address(file)) === (await addressOf(url));
  return { sink, read: look(files.read), size: look(files.size), isAt };
}

function folderFiles(directory: string) {
  const pathOf = (name: string) => path.join(path.resolve(directory), ...name.split('/'));
  return {
    read: (name: string): Promise<Uint8Array> => readFile(pathOf(name)),
    size: async (name: string): Promise<number> => (await stat(pathOf(name))).size,
    address: (name: string) => addressOf(pathToFileURL(pathOf(name)).href),
  };
}

function blobFiles(container: ContainerClient, prefix: string) {
  const signal = (abortSignal: AbortSignal | undefined) => (abortSignal === undefined ? {} : { abortSignal });
  return {
    read: (name: string, abortSignal: AbortSignal | undefined): Promise<Uint8Array> =>
      container.getBlobClient(prefix + name).downloadToBuffer(0, undefined, signal(abortSignal)),
    size: async (name: string, abortSignal: AbortSignal | undefined): Promise<number> =>
      (await container.getBlobClient(prefix + name).getProperties(signal(abortSignal))).contentLength ?? 0,
    address: (name: string) => addressOf(container.getBlobClient(prefix + name).url),
  };
}

/** An address by which two names of one file are known as such: without signature, and of a folder the real one. */
async function addressOf(url: string): Promise<string> {
  const { protocol, host, pathname } = new URL(url);
  if (protocol !== 'file:') {
    return `${protocol}//${host}${decodeURIComponent(pathname)}`;
  }
  const file = fileURLToPath(url);
  const folder = path.dirname(file);
  return path.join(await realpath(folder).catch(() => folder), path.basename(file));
}

function isMissing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return statusOf(error) === 404 || code === 'ENOENT' || code === 'ENOTDIR';
}
