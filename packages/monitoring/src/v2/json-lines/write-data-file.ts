import { randomBytes } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { makePrivateFolder } from '../../sinks/make-folder.ts';

/** Writes a file, whole or not at all; the same file may be written again. */
export async function writeDataFile(file: string, data: Buffer): Promise<void> {
  await makePrivateFolder(path.dirname(file));
  const draft = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await writeFile(draft, data, { flag: 'wx', mode: 0o600 });
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
