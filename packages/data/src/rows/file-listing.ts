import type { CollectedFile } from '../files/collected-file.ts';

/** Files to read, or what lists them when the first row is asked for. */
export type FileListing = readonly CollectedFile[] | (() => Promise<readonly CollectedFile[]>);

/** The files. */
export async function listedFiles(listing: FileListing): Promise<readonly CollectedFile[]> {
  return typeof listing === 'function' ? await listing() : listing;
}
