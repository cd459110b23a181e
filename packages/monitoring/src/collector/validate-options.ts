import { ValidationError } from '@azureml-ts/common';
import { featureNamesFault } from '../rows/feature-names.ts';
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
}

const isObject = (value: unknown) => typeof value === 'object' && value !== null;

const CHECKS: readonly [keyof ModelDataCollectorOptions, (value: unknown) => boolean, expected: string][] = [
  ['enabled', (value) => typeof value === 'boolean', 'true or false'],
  ['onError', (value) => typeof value === 'function', 'a function'],
  ['onInvalid', (value) => value === 'report' || value === 'throw', "'report' or 'throw'"],
  ['workspace', isObject, 'an object { subscriptionId, resourceGroup, workspaceName }'],
  ['modelVersion', (value) => typeof value === 'string' || Number.isFinite(value), 'a text or a number'],
  ['clock', (value) => isObject(value) && typeof (value as { now?: unknown }).now === 'function', 'a Clock'],
];

/**
 * Checks the options that a program fixes: a mistake here is told at once, when the scoring script starts.
 *
 * @throws ValidationError naming the option.
 */
export function validateOptions(options: ModelDataCollectorOptions): CollectorLimits {
  const { featureNames } = options;
  const namesFault = featureNames === undefined ? undefined : featureNamesFault(featureNames);
  if (namesFault !== undefined) {
    throw new ValidationError({ path: 'featureNames', expected: namesFault, received: featureNames });
  }
  for (const [name, isRight, expected] of CHECKS) {
    const value: unknown = options[name];
    if (value !== undefined && !isRight(value)) {
      throw new ValidationError({ path: name, expected, received: value });
    }
  }
  if (options.storage !== undefined) {
    checkStorageTarget(options.storage, 'storage');
  }
  return {
    flushIntervalMs: inRange('flushIntervalMs', options.flushIntervalMs, 10_000, 10, 86_400_000),
    maxBatchBytes: inRange('maxBatchBytes', options.maxBatchBytes, 1_048_576, 1, 67_108_864),
    maxBufferBytes: inRange('maxBufferBytes', options.maxBufferBytes, 33_554_432, 1024, Number.MAX_SAFE_INTEGER),
    samplingRate: inRange('samplingRate', options.samplingRate, 1, 0, 1),
  };
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
