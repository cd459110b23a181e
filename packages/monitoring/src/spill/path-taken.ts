import { AzuremlError } from '@azureml-ts/common';
import type { NamedDocument } from './spill-document.ts';

/** Other documents have all the paths of one: somebody else writes there too. */
export function pathTaken({ paths }: NamedDocument): AzuremlError {
  return new AzuremlError(
    'SPILL_PATH_TAKEN',
    `A long text could not be stored: other documents are at ${paths.join(' and ')}. Nothing was overwritten; see who else writes to this folder.`,
  );
}
