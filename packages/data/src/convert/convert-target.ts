import { ValidationError } from '@azureml-ts/common';
import { MODEL_DATA_CONTAINER, openContainer } from '@azureml-ts/monitoring/format';
import { openTarget, type TargetFiles } from '../export/target-files.ts';
import { BlobStore } from '../store/blob-store.ts';
import { DirectoryStore } from '../store/directory-store.ts';
import { type ExportTarget, parseExportTarget } from '../store/export-target.ts';
import type { FileStore } from '../store/file-store.ts';

/** A target that rows are written to, and read back from. */
export interface ConvertTarget {
  readonly files: TargetFiles;
  readonly store: FileStore;
  /** Where paths of the store begin, seen from the target; empty, or with a slash at the end. */
  readonly root: string;
}

/**
 * Opens a target. No request is made.
 *
 * @throws ValidationError (`VALIDATION`) also for a prefix: rows below one could not be opened.
 */
export async function openConvertTarget(target: ExportTarget): Promise<ConvertTarget> {
  const files = await openTarget(target);
  const resolved = parseExportTarget(target);
  if ('directory' in resolved) {
    return { files, store: new DirectoryStore(resolved.directory), root: `${MODEL_DATA_CONTAINER}/` };
  }
  if (resolved.prefix !== '') {
    throw new ValidationError({
      path: 'target',
      expected: 'a folder, or a container without prefix: collected rows stand directly in their container',
      received: resolved.prefix,
    });
  }
  const container = await openContainer(resolved.storage, {}, resolved.container);
  return { files, store: new BlobStore(container, files.sink.place), root: '' };
}
