import type { StreamIdentity } from '../format/blob-path.ts';
import type { StorageTarget } from '../storage/storage-target.ts';
import { BlobSink } from './blob-sink.ts';
import { DirectorySink } from './directory-sink.ts';
import type { RowSink } from './row-sink.ts';

/** Makes the sink of a storage target. Nothing is opened before the first batch. */
export function openSink(target: StorageTarget, stream: StreamIdentity): RowSink {
  return 'directory' in target ? new DirectorySink(target.directory, stream) : new BlobSink(target, stream);
}
