import { ValidationError } from '@azureml-ts/common';
import { checkSegment } from '../format/blob-path.ts';
import { isPythonColumn, PYTHON_COLUMNS } from '../python/python-columns.ts';
import { featureNamesFault } from '../rows/feature-names.ts';
import { checkFeatures } from '../rows/features.ts';
import { checkStorageTarget } from '../storage/storage-target.ts';
import type { ModelDataCollectorOptions } from './options.ts';

/** The settings that have defaults. */
export interface CollectorLimits {
  /** See the option of the same name. */
  readonly flushIntervalMs: number;
  /** See the option of the same name. */
  readonly maxBatchBytes: number;
  /** See the option of the same name. */
  readonly maxBufferBytes: number;
  /** See the option of the same name. */
  readonly samplingRate: number;
  /** Environment variables that are set but cannot be used, each with what it would have to be. */
  readonly unusable: readonly string[];
}

const isObject = (value: unknown) => typeof value === 'object' && value !== null;
const isText = (value: unknown) => typeof value === 'string' && value !== '';

const CHECKS: readonly [keyof ModelDataCollectorOptions, (value: unknown) => boolean, expected: string][] = [
  ['enabled', (value) => typeof value === 'boolean', 'true or false'],
  ['onError', (value) => typeof value === 'function', 'a function'],
  ['onInvalid', (value) => value === 'report' || value === 'throw', "'report' or 'throw'"],
  ['onFull', (value) => value === 'dropNewest' || value === 'dropOldest', "'dropNewest' or 'dropOldest'"],
  ['layout', (value) => value === 'documented' || value === 'python-v1', "'documented' or 'python-v1'"],
  ['blobType', (value) => value === 'append' || value === 'block', "'append' or 'block'"],
  ['filePerReplica', (value) => typeof value === 'boolean' || isText(value), 'true, false or the name of the instance'],
  ['redactKey', (value) => isText(value) || (value instanceof Uint8Array && value.length > 0), 'a text or bytes'],
  ['workspace', isObject, 'an object { subscriptionId, resourceGroup, workspaceName }'],
  ['modelVersion', (value) => typeof value === 'string' || Number.isFinite(value), 'a text or a number'],
  ['clock', (value) => isObject(value) && typeof (value as { now?: unknown }).now === 'function', 'a Clock'],
  [
    'sink',
    (value) => isObject(value) && typeof (value as { append?: unknown }).append === 'function',
    'an object with append(batch, context) and a name',
  ],
  [
    'journal',
    (value) => typeof value === 'boolean' || isObject(value),
    'true, false or an object { directory, maxBytes }',
  ],
];

/** Options whose value must not be shown. */
const SECRET = new Set<keyof ModelDataCollectorOptions>(['redactKey']);

/**
 * Checks the options that a program fixes: a mistake here is told at once, when the scoring script starts.
 *
 * @param options What the program gave.
 * @param environment Defaults of some of them; a value there that cannot be used is passed over.
 * @throws ValidationError naming the option.
 */
export function validateOptions(options: ModelDataCollectorOptions, environment: NodeJS.ProcessEnv): CollectorLimits {
  checkNames(options);
  checkLayout(options);
  for (const [name, isRight, expected] of CHECKS) {
    const value: unknown = options[name];
    if (value !== undefined && !isRight(value)) {
      throw new ValidationError({ path: name, expected, ...(SECRET.has(name) ? {} : { received: value }) });
    }
  }
  if (options.storage !== undefined) {
    checkStorageTarget(options.storage, 'storage');
  }
  if (options.storage !== undefined && options.sink !== undefined) {
    throw new ValidationError({ path: 'sink', expected: 'left out when storage is given' });
  }
  if (typeof options.journal === 'object') {
    const { directory, maxBytes } = options.journal;
    if (directory !== undefined && !isText(directory)) {
      throw new ValidationError({ path: 'journal.directory', expected: 'the path of a folder', received: directory });
    }
    inRange('journal.maxBytes', maxBytes, 65_536, 65_536, Number.MAX_SAFE_INTEGER);
  }
  const unusable: string[] = [];
  const numberFrom = (name: string, least: number, most: number): number | undefined => {
    const text = environment[name]?.trim() ?? '';
    const value = Number(text);
    if (text === '' || (value >= least && value <= most)) {
      return text === '' ? undefined : value;
    }
    unusable.push(`${name} must be a number from ${least} to ${most}`);
    return undefined;
  };
  const windowMinutes = numberFrom('AML_MODEL_DC_STORAGE_FLUSH_WINDOW_LENGTH', 0.001, 1_440);
  const interval = windowMinutes === undefined ? 10_000 : windowMinutes * 60_000;
  const buffer = numberFrom('AML_MODEL_DC_STORAGE_MAX_SINGLE_BUFFER_SIZE', 1_024, 2 ** 40) ?? 33_554_432;
  return {
    flushIntervalMs: inRange('flushIntervalMs', options.flushIntervalMs, interval, 10, 86_400_000),
    maxBatchBytes: inRange('maxBatchBytes', options.maxBatchBytes, 1_048_576, 1, 67_108_864),
    maxBufferBytes: inRange('maxBufferBytes', options.maxBufferBytes, buffer, 1_024, Number.MAX_SAFE_INTEGER),
    samplingRate: inRange('samplingRate', options.samplingRate, 1, 0, 1),
    unusable,
  };
}

function checkLayout({ layout, collectionName, blobType, featureNames, features }: ModelDataCollectorOptions): void {
  if (collectionName !== undefined) {
    if (layout !== 'python-v1') {
      throw new ValidationError({
        path: 'collectionName',
        expected: "left out, unless layout is 'python-v1'",
        received: collectionName,
      });
    }
    checkSegment('collectionName', collectionName);
  }
  if (layout !== 'python-v1') {
    return;
  }
  if (blobType === 'append') {
    throw new ValidationError({
      path: 'blobType',
      expected: "left out or 'block' when layout is 'python-v1': the Python package writes block blobs",
      received: blobType,
    });
  }
  const names = featureNames ?? (Array.isArray(features) ? features.map(({ name }) => name) : []);
  const reserved = names.find(isPythonColumn);
  if (reserved !== undefined) {
    throw new ValidationError({
      path: featureNames === undefined ? 'features' : 'featureNames',
      expected: `free of the columns that the collector adds (${PYTHON_COLUMNS.join(', ')})`,
      received: reserved,
    });
  }
}

function checkNames({ featureNames, features }: ModelDataCollectorOptions): void {
  if (featureNames !== undefined && features !== undefined) {
    throw new ValidationError({ path: 'features', expected: 'left out when featureNames is given' });
  }
  const fault = featureNames === undefined ? undefined : featureNamesFault(featureNames);
  if (fault !== undefined) {
    throw new ValidationError({ path: 'featureNames', expected: fault, received: featureNames });
  }
  if (features !== undefined) {
    checkFeatures(features);
  }
}

function inRange(path: string, value: unknown, byDefault: number, least: number, most: number): number {
  if (value === undefined) {
    return byDefault;
  }
  if (typeof value !== 'number' || !(value >= least && value <= most)) {
    throw new ValidationError({ path, expected: `a number from ${least} to ${most}`, received: value });
  }
  return value;
}
