import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { AzuremlError } from '@azureml-ts/common';

/**
 * Finds the program file of azurite in the installation of whoever calls.
 *
 * @param from Folders to look from, each with its parents.
 * @throws {@link AzuremlError} `AZURITE_NOT_FOUND` when it is installed nowhere there.
 * @internal
 */
export function findAzurite(from: readonly string[]): string {
  for (const folder of from) {
    try {
      const manifest = createRequire(join(folder, 'from-here.js')).resolve('azurite/package.json');
      return join(dirname(manifest), 'dist', 'src', 'blob', 'main.js');
    } catch {
      // Not from this folder; the next one may see it.
    }
  }
  throw new AzuremlError(
    'AZURITE_NOT_FOUND',
    `The package azurite is not installed (looked from ${from.join(', ')}). Add it: npm install --save-dev azurite`,
    { details: { lookedFrom: [...from] } },
  );
}
