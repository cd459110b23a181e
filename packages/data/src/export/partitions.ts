import type { CollectedFile } from '../files/collected-file.ts';
import type { ExportManifest, ExportPartition } from './export-options.ts';
import { isUnchanged, sourceOf } from './manifest.ts';

/** Files whose rows go to one file. */
export interface Partition {
  /** Folder below the target, without slash at the end; empty for `none`. */
  readonly path: string;
  /** Version of the model, when each has folders of its own. */
  readonly modelVersion: string | null;
  /** Its files, in order. */
  readonly files: readonly CollectedFile[];
}

/**
 * Puts files together by partition, in the order of the paths; within a partition they keep their order.
 *
 * @param byVersion Whether each version of the model has folders of its own.
 */
export function partitionsOf(
  files: readonly CollectedFile[],
  partition: ExportPartition,
  byVersion: boolean,
): Partition[] {
  const partitions = new Map<string, { path: string; modelVersion: string | null; files: CollectedFile[] }>();
  for (const file of files) {
    const modelVersion = byVersion ? file.modelVersion : null;
    const path = [
      ...(modelVersion === null ? [] : [`model_version=${hiveValue(modelVersion)}`]),
      ...dateFolders(file.day, partition),
    ].join('/');
    const known = partitions.get(path);
    if (known === undefined) {
      partitions.set(path, { path, modelVersion, files: [file] });
    } else {
      known.files.push(file);
    }
  }
  return [...partitions.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Whether the partition of an earlier run was made of the same files. */
export function isKnown(partition: Partition, before: ExportManifest | undefined): boolean {
  const known = before?.partitions.find(({ path }) => path === partition.path);
  return known !== undefined && isUnchanged(known.sources, partition.files.map(sourceOf));
}

/** Path of the file of a partition below the target. */
export function partitionFile(path: string, extension: string): string {
  return `${path === '' ? '' : `${path}/`}part-0.${extension}`;
}

function dateFolders(day: string, partition: ExportPartition): string[] {
  const [year, month, date] = day.split('-');
  const folders = [`year=${year}`, `month=${month}`, `day=${date}`];
  return folders.slice(0, { day: 3, month: 2, none: 0 }[partition]);
}

/** A value as Hive, and so every reader of such folders, writes it. */
function hiveValue(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]|\.$/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
