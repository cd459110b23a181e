import type { ContainerClient } from '@azure/storage-blob';
import type { DataFileName, StreamIdentity, UtcDay } from '../format/blob-path.ts';
import type { BatchSchema } from './row-sink.ts';

/** Which blobs rows of one day and schema may go to, whatever their kind. */
export interface BlobPlacesOptions {
  /** Where the blobs are. */
  readonly container: ContainerClient;
  /** What the rows are called. */
  readonly stream: StreamIdentity;
  /** UTC day of the rows. */
  readonly day: UtcDay;
  /** Their columns. */
  readonly schema: BatchSchema;
  /** Name of this instance, when it has files of its own. */
  readonly instance: string | undefined;
  /** Blocks that a blob may have. */
  readonly maxBlocks: number;
}

/** Name of the first file that is tried. */
export function firstName({ instance }: BlobPlacesOptions): DataFileName {
  return instance === undefined ? {} : { instance };
}
