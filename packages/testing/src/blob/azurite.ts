import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { WaitOptions } from '@azureml-ts/common';
import { AzuriteProcess } from './azurite-process.ts';
import { emulatorConnectionString } from './connection-string.ts';
import { findAzurite } from './find-azurite.ts';

/** Options of {@link startAzurite}. */
export interface AzuriteOptions extends WaitOptions {
  /** Folder that keeps the blobs between starts. Default: blobs are kept in memory and end with the process. */
  readonly directory?: string | undefined;
  /** Port to listen on. Default 0: any free port. */
  readonly port?: number | undefined;
}

/** A running blob store; see {@link startAzurite}. */
export interface Azurite {
  /** Root of the server, `http://127.0.0.1:<port>`; the account is `<url>/devstoreaccount1`. */
  readonly url: string;
  /** What to pass to a blob client. */
  readonly connectionString: string;
  /** Id of the server's process. */
  readonly pid: number;
  /** Ends the server; resolves when its process is gone. */
  close(): Promise<void>;
  /** Same as `close()`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Starts the blob part of Azurite, Microsoft's emulator of Azure Storage, as a process of its own.
 *
 * The process ends with `close()`, and with the calling process however that ends (also by `kill -9`). Until then it
 * keeps the calling process alive. The npm package `azurite` must be installed; this package does not bring it.
 *
 * @param options Where to keep the blobs and how long to wait for the start: `timeoutMs`, default 60,000, and
 *   `abortSignal`.
 * @returns The running blob store.
 * @throws {@link AzuremlError} `AZURITE_NOT_FOUND` when azurite is not installed; `AZURITE_START_FAILED`, with what it
 *   wrote, when it ends instead of listening; `TIMEOUT` when it does neither.
 * @example
 * ```ts
 * import { startAzurite } from '@azureml-ts/testing';
 *
 * const azurite = await startAzurite();
 * const answer = await fetch(`${azurite.url}/devstoreaccount1?comp=list`);
 * console.log(answer.status); // 403: the request is not signed
 * await azurite.close();
 * ```
 */
export async function startAzurite(options: AzuriteOptions = {}): Promise<Azurite> {
  const { directory, port = 0, timeoutMs = 60_000, abortSignal } = options;
  abortSignal?.throwIfAborted();
  const program = findAzurite([dirname(fileURLToPath(import.meta.url)), process.cwd()]);
  const child = new AzuriteProcess(program, [
    '--blobHost',
    '127.0.0.1',
    '--blobPort',
    String(port),
    ...(directory === undefined ? ['--inMemoryPersistence'] : ['--location', directory]),
    // The clients are newer than the emulator; what they ask for here is in every version.
    '--skipApiVersionCheck',
    '--disableTelemetry',
  ]);
  const url = await child.listening({ timeoutMs, abortSignal });
  const close = () => child.close();
  return {
    url,
    connectionString: emulatorConnectionString(url),
    pid: child.pid,
    close,
    [Symbol.asyncDispose]: close,
  };
}
