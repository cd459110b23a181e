import { AzuremlError } from '@azureml-ts/common';
import type { StorageTarget } from '@azureml-ts/monitoring/format';
import type { ExportTarget } from '../../store/export-target.ts';
import { type CompactSource, compactTo } from './compact-days.ts';
import { compactInPlace } from './compact-in-place.ts';
import { type CompactOptions, type CompactResult, checkCompactOptions } from './compact-options.ts';

export type { CompactSource } from './compact-days.ts';

/** Writes closed days again as block blobs; see {@link CollectedData.compactDays}. */
export async function compactOpened(
  source: CompactSource & { readonly storage: StorageTarget },
  target: ExportTarget | undefined,
  options: CompactOptions,
): Promise<CompactResult> {
  checkCompactOptions(target, options);
  if (source.selection.layout === 'json-lines') {
    throw new AzuremlError(
      'NOT_SUPPORTED',
      'Closed days of the layout json-lines are not written again. Export the rows instead, as Parquet, CSV or JSON Lines.',
    );
  }
  return target === undefined ? compactInPlace(source, source.storage, options) : compactTo(source, target, options);
}
