import { ValidationError } from '@azureml-ts/common';
import type { ExportTarget } from '@azureml-ts/data';
import type { CommandIo } from '../../io.ts';

/**
 * Where an export goes: `--target` as it is, or `--container` in the account that holds the rows.
 *
 * @throws ValidationError (`VALIDATION`) when the rows are in no account.
 */
export async function exportTarget(
  options: { readonly target?: string; readonly container?: string; readonly storage?: string },
  { env }: CommandIo,
): Promise<ExportTarget> {
  const { target, container: named = '' } = options;
  if (target !== undefined) {
    return target;
  }
  const place = options.storage || env['AML_MODEL_DC_STORAGE'] || '';
  const { parseStorageTarget } = await import('@azureml-ts/monitoring/format');
  const storage = parseStorageTarget(place, options.storage ? '--storage' : 'AML_MODEL_DC_STORAGE');
  const [container = '', ...folders] = named.split('/');
  const prefix = folders.join('/');
  if ('connectionString' in storage) {
    return { connectionString: storage.connectionString, container, prefix };
  }
  if ('accountUrl' in storage) {
    return { accountUrl: storage.accountUrl, container, prefix };
  }
  throw new ValidationError({
    path: '--container',
    expected: 'left out for a folder',
    message: 'Give --target in place of --container: the rows are in a folder, which has no containers.',
  });
}
