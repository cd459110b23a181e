import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { AzuremlError } from '@azureml-ts/common';

const PACKAGE = '@azureml-ts/inference-server';
const COMMAND = 'azureml-ts-inference-server';

/**
 * Finds the file of the command that hosts a scoring script: installed beside this package, else where the caller works.
 *
 * @param callerFolder Folder of the caller.
 * @returns The file, to be run by Node.
 * @throws `INFERENCE_SERVER_NOT_FOUND`.
 */
export function findServerCommand(callerFolder: string = process.cwd()): string {
  const manifest = findManifest([import.meta.url, pathToFileURL(join(callerFolder, 'package.json')).href]);
  if (manifest === undefined) {
    throw new AzuremlError(
      'INFERENCE_SERVER_NOT_FOUND',
      `A local service needs the package ${PACKAGE}, which is installed neither beside @azureml-ts/core nor in ${callerFolder}. ` +
        `Run: npm install ${PACKAGE}`,
    );
  }
  const { bin } = JSON.parse(readFileSync(manifest, 'utf8')) as { bin?: string | Record<string, string> };
  const relative = typeof bin === 'string' ? bin : bin?.[COMMAND];
  const file = relative === undefined ? undefined : resolve(dirname(manifest), relative);
  if (file === undefined || !existsSync(file)) {
    throw new AzuremlError(
      'INFERENCE_SERVER_NOT_FOUND',
      `The package ${PACKAGE} in ${dirname(manifest)} has no command ${COMMAND}. Install it again: npm install ${PACKAGE}`,
      { details: { package: dirname(manifest), file: file ?? null } },
    );
  }
  return file;
}

function findManifest(from: readonly string[]): string | undefined {
  for (const place of from) {
    try {
      return createRequire(place).resolve(`${PACKAGE}/package.json`);
    } catch {
      // Not installed there: try the next place.
    }
  }
  return undefined;
}
