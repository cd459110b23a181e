import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

/** Folders that no scoring script needs, and that would make the archive large. */
const LEFT_OUT = new Set(['.git', '__pycache__', '.ipynb_checkpoints', 'node_modules']);

/** A packed folder. */
export interface SourceArchive {
  /** The archive, tar with gzip. */
  readonly bytes: Uint8Array;
  /** First eight digits of the hash of what is in it: the same for the same files. */
  readonly hash: string;
  /** Each file in it, with its path in the archive and its size. */
  readonly files: readonly { readonly path: string; readonly size: number }[];
}

/**
 * Packs a folder. Equal files make equal bytes: owners and times are left out, and names are in order.
 *
 * @param directory The folder.
 * @param name Name of the folder in the archive.
 */
export async function packFolder(directory: string, name: string): Promise<SourceArchive> {
  const { create } = await import('tar');
  const files = (await filesIn(directory, '')).sort();
  const pieces: Uint8Array[] = [];
  // Portable: without owners, times of access and whatever else differs from machine to machine.
  for await (const piece of create({ cwd: directory, prefix: name, portable: true, mtime: new Date(0) }, files)) {
    pieces.push(piece as Uint8Array);
  }
  const bytes = await promisify(gzip)(Buffer.concat(pieces));
  return {
    bytes,
    hash: createHash('sha256').update(bytes).digest('hex').slice(0, 8),
    files: await Promise.all(
      files.map(async (path) => ({ path: `${name}/${path}`, size: (await stat(join(directory, path))).size })),
    ),
  };
}

async function filesIn(directory: string, below: string): Promise<string[]> {
  const files: string[] = [];
  for (const entry of await readdir(join(directory, below), { withFileTypes: true })) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    if (LEFT_OUT.has(entry.name)) {
      continue;
    }
    if (entry.isDirectory()) {
      files.push(...(await filesIn(directory, path)));
    } else if (entry.isFile()) {
      files.push(path);
    }
  }
  return files;
}
