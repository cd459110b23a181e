import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { extname, isAbsolute, resolve } from 'node:path';
import { EntryScriptInvalidError, EntryScriptNotFoundError } from '../errors.ts';

const EXTENSIONS: readonly string[] = ['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs'];

/**
 * Finds the scoring script.
 *
 * @param entryScript Path as given. A relative one starts at `AZUREML_SOURCE_DIRECTORY`, which itself starts at
 *   `AML_APP_ROOT`, else at the current directory. When there is no file, `AML_APP_ROOT` itself is looked in too.
 * @returns The absolute path of an existing file that Node can load.
 * @throws EntryScriptNotFoundError `ENTRY_SCRIPT_NOT_FOUND`
 * @throws EntryScriptInvalidError `ENTRY_SCRIPT_INVALID` when the file is no JavaScript or TypeScript.
 */
export async function resolveScript(entryScript: string): Promise<string> {
  const root = process.env['AML_APP_ROOT'] || '.';
  const first = resolve(root, process.env['AZUREML_SOURCE_DIRECTORY'] || '.', entryScript);
  const second = resolve(root, entryScript);
  let path = first;
  let found: Stats;
  try {
    found = await stat(path);
  } catch (error) {
    const other = second === first ? undefined : await stat(second).catch(() => undefined);
    if (other === undefined) {
      throw notFound(entryScript, path, error as NodeJS.ErrnoException);
    }
    path = second;
    found = other;
  }
  if (!found.isFile()) {
    throw new EntryScriptNotFoundError(
      `The scoring script ${path} is not a file. Give the path of a file that exports run(rawData).`,
      { details: { entryScript, path } },
    );
  }
  if (!EXTENSIONS.includes(extname(path))) {
    throw new EntryScriptInvalidError(
      `The scoring script ${path} cannot be loaded: its name must end in ${EXTENSIONS.join(', ')}.`,
      { details: { entryScript, path } },
    );
  }
  return path;
}

function notFound(entryScript: string, path: string, cause: NodeJS.ErrnoException): EntryScriptNotFoundError {
  const sourceDirectory = process.env['AZUREML_SOURCE_DIRECTORY'] || undefined;
  const origin =
    sourceDirectory === undefined || isAbsolute(entryScript)
      ? ''
      : ` ("${entryScript}" in AZUREML_SOURCE_DIRECTORY "${sourceDirectory}")`;
  const isMissing = cause.code === 'ENOENT' || cause.code === 'ENOTDIR';
  return new EntryScriptNotFoundError(
    `The scoring script ${path}${origin} ${isMissing ? 'does not exist' : `cannot be read (${cause.code})`}. ` +
      'Give the path of a file that exports run(rawData).',
    { cause, details: { entryScript, path } },
  );
}
