import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
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
 */
export async function folderContent(directory: string, options: FolderContentOptions = {}): Promise<ContentFile[]> {
  const { default: ignore } = await import('ignore');
  const rules = ignore()
    .add(await ignorePatterns(directory, options.ignoreFile))
    .add([...ALWAYS_LEFT_OUT, ...(options.ignored ?? [])]);
  const paths: string[] = [];
  const walk = async (below: string): Promise<void> => {
    for (const entry of await readdir(join(directory, below), { withFileTypes: true })) {
      const path = `${below}${entry.name}`;
      const isFolder =
        entry.isDirectory() || (entry.isSymbolicLink() && (await stat(join(directory, path))).isDirectory());
      if (rules.ignores(isFolder ? `${path}/` : path)) {
        continue;
      }
      if (isFolder) {
        await walk(`${path}/`);
      } else {
        paths.push(path);
      }
    }
  };
  await walk('');
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
  const { size } = await stat(file);
  return { path, size, open: () => createReadStream(file) };
}
