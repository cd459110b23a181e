import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AzuremlError } from '@azureml-ts/common';
import { type ContainerFileName, containerFiles } from './container-files.ts';
import type { ContainerOptions } from './container-options.ts';

/** Options of {@link writeContainerFiles}. */
export interface WriteContainerFilesOptions extends ContainerOptions {
  /** Folder of the project: the one with its package.json. */
  readonly directory: string;
  /** Whether files that are there and differ are replaced. Default `false`. */
  readonly overwrite?: boolean | undefined;
}

/** What {@link writeContainerFiles} has done. */
export interface WrittenContainerFiles {
  /** Paths of the files, those that were right already too. */
  readonly files: readonly string[];
  /** What is still missing before the image can be built. */
  readonly missing: readonly string[];
}

/**
 * Writes `Dockerfile`, `.dockerignore`, `endpoint.yml` and `deployment.yml` into the folder of a project; see
 * {@link containerFiles}. Either all of them are written, or none.
 *
 * @param options The folder, the scoring script, and what differs from the defaults.
 * @returns The files, and what the project still lacks.
 * @throws ValidationError `VALIDATION`
 * @throws AzuremlError `CONTAINER_FILES_EXIST` when other files of these names are there and `overwrite` is not set.
 * @example
 * ```ts
 * import { mkdtemp, rm, writeFile } from 'node:fs/promises';
 * import { tmpdir } from 'node:os';
 * import { join } from 'node:path';
 * import { writeContainerFiles } from '@azureml-ts/inference-server';
 *
 * const directory = await mkdtemp(join(tmpdir(), 'service-'));
 * await writeFile(join(directory, 'score.ts'), 'export const run = (rawData: string) => rawData.length;');
 * const { missing } = await writeContainerFiles({ directory, entryScript: 'score.ts' });
 * console.log(missing.length); // 2: package.json and package-lock.json
 * await rm(directory, { recursive: true });
 * ```
 */
export async function writeContainerFiles(options: WriteContainerFilesOptions): Promise<WrittenContainerFiles> {
  const { directory, overwrite = false } = options;
  const texts = Object.entries(containerFiles(options)) as [ContainerFileName, string][];
  const missing = await missingParts(options);
  const present = await Promise.all(texts.map(([name]) => readText(join(directory, name))));
  const differing = texts.filter(([, text], index) => present[index] !== undefined && present[index] !== text);
  if (differing.length > 0 && !overwrite) {
    const names = differing.map(([name]) => name).join(', ');
    throw new AzuremlError(
      'CONTAINER_FILES_EXIST',
      `${directory} holds other files of these names already: ${names}. Nothing was written. Move them away, or set overwrite.`,
      { details: { directory, files: differing.map(([name]) => name) } },
    );
  }
  await Promise.all(
    texts.map(([name, text], index) => (present[index] === text ? undefined : writeFile(join(directory, name), text))),
  );
  return { files: texts.map(([name]) => join(directory, name)), missing };
}

async function missingParts({ directory, entryScript, models = [] }: WriteContainerFilesOptions): Promise<string[]> {
  const hints: readonly (readonly [string, string])[] = [
    [entryScript, `${entryScript}: the scoring script`],
    ...models.map((model) => [model, `${model}: a folder of models`] as const),
    ['package.json', 'package.json: npm init, then npm install @azureml-ts/inference-server'],
    ['package-lock.json', 'package-lock.json: npm install writes it, and the image installs exactly what it lists'],
  ];
  const found = await Promise.all(hints.map(([name]) => stat(join(directory, name)).catch(() => undefined)));
  return hints.filter((_, index) => found[index] === undefined).map(([, hint]) => hint);
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return undefined;
    }
    throw error;
  }
}
