import { errorMessage } from '@azureml-ts/common';
import type { RowSink } from '../sinks/row-sink.ts';
import { parseStorageTarget, type StorageTarget } from '../storage/storage-target.ts';
import type { ModelDataCollectorOptions } from './options.ts';

/** Whether and where a collector stores rows. */
export interface CollectionSwitch {
  /** Whether rows are collected. */
  readonly enabled: boolean;
  /** Where to; `undefined` when off or not usable. */
  readonly storage: StorageTarget | RowSink | undefined;
  /** Why it is on but cannot store, in words. */
  readonly fault?: string;
}

/**
 * Reads the switch of collection: an explicit `enabled` wins, then `AML_MODEL_DC_STORAGE_ENABLED`; when neither says
 * anything, giving `storage` or `sink` in code switches on.
 */
export function resolveSwitch(options: ModelDataCollectorOptions, environment: NodeJS.ProcessEnv): CollectionSwitch {
  const variable = environment['AML_MODEL_DC_STORAGE_ENABLED'];
  const isNamed = variable !== undefined && variable.trim() !== '';
  const enabled =
    options.enabled ??
    (isNamed ? variable.trim().toLowerCase() === 'true' : (options.storage ?? options.sink) !== undefined);
  if (!enabled) {
    return { enabled, storage: undefined };
  }
  const given = options.sink ?? options.storage;
  if (given !== undefined) {
    return { enabled, storage: given };
  }
  const setting = environment['AML_MODEL_DC_STORAGE'];
  if (setting === undefined || setting.trim() === '') {
    return {
      enabled,
      storage: undefined,
      fault:
        'Collection is on, but AML_MODEL_DC_STORAGE is not set: rows are counted as failed. Set it to a connection string, an account address (https://...) or a file: URL, or pass storage.',
    };
  }
  try {
    return { enabled, storage: parseStorageTarget(setting, 'AML_MODEL_DC_STORAGE') };
  } catch (error) {
    return {
      enabled,
      storage: undefined,
      fault: `Collection is on, but rows are counted as failed. ${errorMessage(error)}`,
    };
  }
}
