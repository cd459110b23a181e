import { mkdir } from 'node:fs/promises';
import path from 'node:path';

/**
 * Makes a folder and those above it.
 *
 * Step by step, because `mkdir` with `recursive` says that a folder is missing where the file system is read-only, and tries
 * for ever where one says so although the folder above is there, as below `/proc`.
 *
 * @param folder Its path. A folder that is there stays as it is.
 * @param mode Permissions of the new folders. Default: what the process gives to new files.
 * @throws The system's error, for example with the code `EACCES`, `EROFS` or `ENOENT`.
 */
export async function makeFolder(folder: string, mode?: number): Promise<void> {
  const above = path.dirname(folder);
  try {
    await makeOne(folder, mode);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || above === folder) {
      throw error;
    }
    await makeFolder(above, mode);
    await makeOne(folder, mode);
  }
}

async function makeOne(folder: string, mode: number | undefined): Promise<void> {
  try {
    await mkdir(folder, mode);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
      throw error;
    }
  }
}
