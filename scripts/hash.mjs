import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/**
 * One hash over files: their names and their bytes.
 *
 * @param {string} root Folder that the names are relative to, so that a moved checkout keeps its hashes.
 * @param {string[]} files Full paths; a missing one counts as missing, not as empty.
 * @param {string[]} [extra] Further text that the hash depends on.
 */
export function hashFiles(root, files, extra = []) {
  const hash = createHash('sha256');
  for (const file of [...files].sort()) {
    hash.update(`${relative(root, file).split(sep).join('/')}\0`);
    hash.update(existsSync(file) ? createHash('sha256').update(readFileSync(file)).digest('hex') : 'missing');
    hash.update('\0');
  }
  for (const text of extra) {
    hash.update(`${text}\0`);
  }
  return hash.digest('hex');
}

/** All files below a folder; none when the folder does not exist. */
export function filesBelow(folder) {
  if (!existsSync(folder)) {
    return [];
  }
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}
