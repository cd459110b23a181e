import type { StorageTarget } from '../storage/storage-target.ts';
import { type BlobKind, BlobSink } from './blob-sink.ts';
import { DirectorySink } from './directory-sink.ts';
import type { RowSink } from './row-sink.ts';

/** Settings of {@link openSink}. */
export interface SinkOptions {
  /** Kind of the blobs, where rows go to blobs. Default `append`. */
  readonly blobType?: BlobKind | undefined;
  /** Name of this instance, when it has files of its own: `data-r<instance>.csv`. */
  readonly instance?: string | undefined;
  /** Told of the path of what is no file of such rows, so that rows go to another one. */
  readonly onNameTaken?: ((path: string) => void) | undefined;
}

/** Makes the sink of a storage target. Nothing is opened before the first batch. */
export function openSink(target: StorageTarget, options: SinkOptions = {}): RowSink {
  return 'directory' in target ? new DirectorySink(target.directory, options) : new BlobSink(target, options);
}
