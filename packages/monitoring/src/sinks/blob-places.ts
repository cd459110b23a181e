import type { ContainerClient } from '@azure/storage-blob';
import type { DataFileName } from '../format/blob-path.ts';
import type { FilePeriod } from '../format/file-layout.ts';
import { nextPart } from './file-place.ts';
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

/** Blobs of one kind that rows may go to, one after the other. */
interface Places<Place> {
  readonly first: DataFileName;
  hasRoom(place: Place): boolean;
  open(start: DataFileName, abortSignal: AbortSignal): Promise<Place>;
}

/** The place for the next rows: the known one while it has room, then the next part, at the start the first. */
export async function locate<Place extends { readonly name: DataFileName }>(
  places: Places<Place>,
  known: Place | undefined,
  abortSignal: AbortSignal,
): Promise<Place> {
  if (known !== undefined && places.hasRoom(known)) {
    return known;
  }
  return places.open(known === undefined ? places.first : nextPart(known.name), abortSignal);
}
