import { ValidationError } from '@azureml-ts/common';
import { MODEL_DATA_CONTAINER } from '@azureml-ts/monitoring/format';
import { filesOf, type TargetFiles } from '../export/target-files.ts';
import { BlobStore } from '../store/blob-store.ts';
import { DirectoryStore } from '../store/directory-store.ts';
import { type ExportTarget, resolveTarget } from '../store/file-sink.ts';
import type { FileStore } from '../store/file-store.ts';
import { PrefixStore } from '../store/prefix-store.ts';
import type { ConvertOptions } from './convert-options.ts';

/** A target that rows are written to, and read back from. */
export interface ConvertTarget {
  readonly files: TargetFiles;
  readonly store: FileStore;
  /** Where paths of the store begin, seen from the target; empty, or with a slash at the end. */
  readonly root: string;
  /** The folder in the container that the target is; empty, or with a slash at the end. */
  readonly prefix: string;
}

/**
 * Opens a target. No request is made.
 *
 * @throws ValidationError (`VALIDATION`) also for a prefix where rows below one could not be opened.
 */
export async function openConvertTarget(target: ExportTarget, to: ConvertOptions['to']): Promise<ConvertTarget> {
  const opened = await resolveTarget(target);
  const files = filesOf(opened);
  if ('directory' in opened) {
    const folder = to === 'documented' ? MODEL_DATA_CONTAINER : '';
    const root = folder === '' ? '' : `${folder}/`;
    return { files, store: new DirectoryStore(opened.directory, folder), root, prefix: '' };
  }
  const { container, place, prefix } = opened;
  if (prefix !== '' && to === 'documented') {
    throw new ValidationError({
      path: 'target',
      expected:
        'a folder, or a container without prefix: rows of this layout are only found directly in their container',
      received: prefix,
    });
  }
  const store = new BlobStore(container, place);
  return { files, store: prefix === '' ? store : new PrefixStore(store, prefix), root: '', prefix };
}
