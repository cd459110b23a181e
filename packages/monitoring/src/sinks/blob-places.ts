import type { ContainerClient } from '@azure/storage-blob';
import type { DataFileName } from '../format/blob-path.ts';
import type { FilePeriod } from '../format/file-layout.ts';
import type { BatchSchema } from './row-sink.ts';

/** Which blobs rows of one day and schema may go to, whatever their kind. */
export interface BlobPlacesOptions {
  /** Where the blobs are. */
  readonly container: ContainerClient;
  /** What the rows are called, and of which time they are. */
  readonly period: FilePeriod;
  /** Their columns. */
  readonly schema: BatchSchema;
  /** Name of this instance, when it has files of its own. */
  readonly instance: string | undefined;
  /** Blocks that a blob may have. */
  readonly maxBlocks: number;
}

/** Name of the first file that is tried. */
export function firstName({ schema, instance }: BlobPlacesOptions): DataFileName {
  return schema.files.firstName(instance);
}
