import type { WaitOptions } from '@azureml-ts/common';
import { limited } from '../azure/limited.ts';
import { toldSafely } from '../webservice/progress.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { blobsAt, openDefaultContainer } from './blob-container.ts';
import type { HashedContent } from './content-hash.ts';
import { datastoreUri } from './datastore-uri.ts';
import { storageFailure } from './upload-failure.ts';
import { uploadFile } from './upload-file.ts';

/** Files that are sent at the same time. */
const CONCURRENCY = 4;

/** Progress of an upload. */
export interface UploadProgress {
  /** Files that are there, of all files. */
  readonly filesDone: number;
  /** All files. */
  readonly files: number;
  /** Bytes that were sent. */
  readonly sentBytes: number;
  /** Bytes of all files. */
  readonly bytes: number;
}

/** Options of {@link uploadContent}. */
export interface UploadOptions extends WaitOptions {
  /** What it is: the first folder. */
  readonly kind: 'code' | 'models' | 'environments';
  /** Is told of each file and each block. What it throws is logged and otherwise ignored. */
  readonly onUpload?: ((progress: UploadProgress) => void) | undefined;
}

/** A content in the workspace's default datastore. */
export interface UploadedContent {
  /** Hash of the content. */
  readonly hash: string;
  /** Address of its folder: `https://account.blob.core.windows.net/container/path`. */
  readonly url: string;
  /** The same as a path of the datastore: `azureml://subscriptions/.../datastores/<name>/paths/<path>`. */
  readonly uri: string;
  /** Files that were sent. */
  readonly uploadedFiles: number;
  /** Files that were there already. */
  readonly skippedFiles: number;
  /** Bytes that were sent. */
  readonly sentBytes: number;
}

/** Path of a content in the container: it has the content's hash, so that a content is uploaded once. */
export function contentPath(kind: UploadOptions['kind'], hash: string): string {
  return `azureml-ts/${kind}/${hash}`;
}

/**
 * Uploads files to the workspace's default datastore. Files that are there already are not sent again, also after an upload
 * that broke off.
 *
 * @param workspace Whose datastore.
 * @param content What is uploaded.
 * @param options What it is; `abortSignal`, `timeoutMs` (default: none), `onUpload`.
 * @throws `CONTENT_CHANGED`; `STORAGE_PERMISSION_DENIED`, `STORAGE_UNREACHABLE`, `STORAGE_NOT_FOUND`; errors of `getDefaultStorage`.
 */
export async function uploadContent(
  workspace: Workspace,
  { hash, files }: HashedContent,
  options: UploadOptions,
): Promise<UploadedContent> {
  const { kind, onUpload, timeoutMs = Number.POSITIVE_INFINITY, abortSignal } = options;
  const what = `Uploading ${kind} of ${files.length} files`;
  return limited(what, { timeoutMs, abortSignal }, async (signal) => {
    const { client, datastoreName } = await openDefaultContainer(workspace, { abortSignal: signal });
    const path = contentPath(kind, hash);
    const bytes = files.reduce((sum, { size }) => sum + size, 0);
    const counts = { filesDone: 0, skippedFiles: 0, sentBytes: 0 };
    const tell = () => toldSafely('onUpload', () => onUpload?.({ ...counts, files: files.length, bytes }));
    let there: ReadonlyMap<string, number | undefined> = new Map();
    const queue = [...files];
    const send = async (): Promise<void> => {
      for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
        const name = `${path}/${file.path}`;
        if (there.get(name) === file.size) {
          counts.skippedFiles += 1;
        } else {
          await uploadFile(client.getBlockBlobClient(name), file, signal, (sent) => {
            counts.sentBytes += sent;
            tell();
          });
        }
        counts.filesDone += 1;
        tell();
      }
    };
    let senders: Promise<void>[] = [];
    try {
      there = await blobsAt(client, path, signal);
      senders = Array.from({ length: Math.min(CONCURRENCY, files.length) }, send);
      await Promise.all(senders);
    } catch (error) {
      queue.length = 0;
      // What the others are sending need not be sent again, and nothing goes on after the end.
      await Promise.allSettled(senders);
      throw storageFailure(error, what, client.url, signal);
    }
    return {
      hash,
      url: `${client.url}/${path}`,
      uri: datastoreUri(workspace, datastoreName, path),
      uploadedFiles: counts.filesDone - counts.skippedFiles,
      skippedFiles: counts.skippedFiles,
      sentBytes: counts.sentBytes,
    };
  });
}
