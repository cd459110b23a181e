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
  return target === undefined ? compactInPlace(source, source.storage, options) : compactTo(source, target, options);
}
