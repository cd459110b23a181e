import type { StorageTarget } from '@azureml-ts/monitoring/format';
import type { FilesOptions } from '../files/collected-file.ts';
import type { DayRange } from '../files/day-range.ts';
import { listFiles } from '../files/list-files.ts';
import type { StreamSelection } from '../files/stream-selection.ts';
import type { FileStore } from '../store/file-store.ts';
import { checkKind, generateText } from './generate.ts';
import type { GenerateKind, GenerateOptions } from './generate-options.ts';
import { generateSource } from './generate-source.ts';
import { storagePlace } from './storage-place.ts';

/** A stream that was opened. */
export interface OpenedStream {
  readonly store: FileStore;
  readonly storage: StorageTarget;
  readonly selection: StreamSelection;
  readonly range: DayRange;
}

/** Writes the text for an opened stream. Only for the newest version, something is looked up. */
export async function generateOpened(
  kind: GenerateKind,
  opened: OpenedStream,
  options: GenerateOptions & FilesOptions,
): Promise<string> {
  checkKind(kind);
  const { storage, range } = opened;
  const selection = await withVersion(opened, options.abortSignal);
  return generateText(kind, generateSource(storagePlace(storage), selection, range, options), options);
}

async function withVersion(
  { store, selection }: OpenedStream,
  abortSignal: AbortSignal | undefined,
): Promise<StreamSelection> {
  if (selection.versions !== 'newest') {
    return selection;
  }
  const [file] = await listFiles(store, selection, {}, abortSignal);
  return file === undefined
    ? selection
    : { ...selection, modelVersion: file.modelVersion, versions: [file.modelVersion] };
}
