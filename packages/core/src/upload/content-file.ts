import { createReadStream } from 'node:fs';
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ValidationError } from '@azureml-ts/common';

/** A file that is uploaded. */
export interface ContentFile {
  /** Path below the root of the content, with slashes. */
  readonly path: string;
  /** Size in bytes. */
  readonly size: number;
  /** Reads it from the start. */
  open(): AsyncIterable<Uint8Array>;
}

/** Options of {@link folderContent}. */
export interface FolderContentOptions {
  /** Path of a file with patterns of what is left out, as `.gitignore` has them. Default: `.amlignore` of the folder, else `.gitignore`. */
  readonly ignoreFile?: string | undefined;
  /** Further patterns of what is left out. */
  readonly ignored?: readonly string[] | undefined;
}

/** Never part of what is deployed: another machine's packages, and the history of the sources. */
const ALWAYS_LEFT_OUT = ['.git/', 'node_modules/', '__pycache__/', '.amlignore', '.ipynb_checkpoints/'];

/** A file of texts that were made, and not read. */
export function textContent(path: string, text: string): ContentFile {
  const bytes = Buffer.from(text);
  return {
    path,
    size: bytes.length,
    open: async function* () {
      yield bytes;
    },
  };
}

/** A single file; its path is its name. */
export async function fileContent(file: string): Promise<ContentFile[]> {
  return [await diskFile(file, basename(file))];
}

/**
 * The files of a folder, in the order of their paths.
 *
 * Source: azure-ai-ml leaves out what `.amlignore` says, or else `.gitignore`.
 *
 * @param directory The folder.
 * @param options What is left out.
 * @throws `VALIDATION` for what cannot be uploaded: a link that leads nowhere or in a circle, a socket, a pipe.
 */
export async function folderContent(directory: string, options: FolderContentOptions = {}): Promise<ContentFile[]> {
  const { default: ignore } = await import('ignore');
  const rules = ignore()
    .add(await ignorePatterns(directory, options.ignoreFile))
    .add([...ALWAYS_LEFT_OUT, ...(options.ignored ?? [])]);
  const paths: string[] = [];
  const walk = async (below: string, above: readonly string[]): Promise<void> => {
    const place = await realpath(join(directory, below));
    if (above.includes(place)) {
      throw unusable(join(directory, below), 'a folder that does not hold itself: this link leads in a circle');
    }
    for (const entry of await readdir(place, { withFileTypes: true })) {
      const path = `${below}${entry.name}`;
      // One that leads nowhere may be left out too.
      const target = entry.isSymbolicLink() ? await stat(join(directory, path)).catch(() => undefined) : entry;
      const isFolder = target?.isDirectory() === true;
      if (rules.ignores(isFolder ? `${path}/` : path)) {
        continue;
      }
      if (isFolder) {
        await walk(`${path}/`, [...above, place]);
      } else {
        paths.push(path);
      }
    }
  };
  await walk('', []);
  return Promise.all(paths.sort().map((path) => diskFile(join(directory, path), path)));
}

async function ignorePatterns(directory: string, ignoreFile: string | undefined): Promise<string> {
  const candidates =
    ignoreFile === undefined ? ['.amlignore', '.gitignore'].map((name) => join(directory, name)) : [ignoreFile];
  for (const candidate of candidates) {
    try {
      return await readFile(candidate, 'utf8');
    } catch (error) {
      if (ignoreFile !== undefined || (error as NodeJS.ErrnoException).code !== 'ENOENT') {
        throw new ValidationError({ path: 'ignoreFile', expected: 'a file that can be read', received: candidate });
      }
    }
  }
  return '';
}

async function diskFile(file: string, path: string): Promise<ContentFile> {
  const stats = await stat(file).catch((cause: unknown) => {
    throw unusable(file, 'a file that can be read, or a link to one', cause);
  });
  if (!stats.isFile()) {
    throw unusable(file, 'a file or a folder, and no socket, pipe or device');
  }
  return { path, size: stats.size, open: () => bytesOf(file) };
}

async function* bytesOf(file: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(file) as AsyncIterable<Uint8Array>;
  } catch (cause) {
    throw unusable(file, 'a file that can be read', cause);
  }
}

function unusable(file: string, expected: string, cause?: unknown): ValidationError {
  return new ValidationError({ path: 'directory', expected, received: file, cause });
}
