import { AzuremlError, ValidationError } from '@azureml-ts/common';
import type { RotateKeysOptions } from '../online/endpoint-secrets.ts';
import type { ServiceKeys } from '../webservice/service-keys.ts';
import type { KeyName } from '../webservice/webservice.ts';
import { timeBudget } from './time-budget.ts';

/** What the change of keys needs of a service. */
export interface KeyedService {
  readonly name: string;
  getKeys(options?: object): Promise<ServiceKeys>;
  regenerateKey(key: KeyName, options?: object): Promise<void>;
}

/**
 * Makes both keys anew, so that one of those handed out is valid at any time.
 *
 * @param service Whose keys.
 * @param options As of `rotateKeys()`.
 */
export async function rotateKeys(service: KeyedService, options: RotateKeysOptions): Promise<ServiceKeys> {
  const { onKey, abortSignal, timeoutMs, ...progress } = options;
  if (typeof onKey !== 'function') {
    throw new ValidationError({ path: 'onKey', expected: 'a function that hands out a new key', received: onKey });
  }
  const next = timeBudget(`The rotation of the keys of "${service.name}"`, { abortSignal, timeoutMs });
  const before = await service.getKeys(next());
  await service.regenerateKey('secondary', { ...progress, ...next() });
  const { secondaryKey } = await service.getKeys(next());
  if (secondaryKey === before.secondaryKey) {
    throw new AzuremlError(
      'KEY_UNCHANGED',
      `The secondary key of "${service.name}" is the same as before, so the primary key was left alone. ` +
        'Read the keys again in a minute; when nothing has changed by then, rotate again.',
      { retryable: true },
    );
  }
  await onKey(secondaryKey, 'secondary');
  await service.regenerateKey('primary', { ...progress, ...next() });
  const keys = await service.getKeys(next());
  await onKey(keys.primaryKey, 'primary');
  return keys;
}
