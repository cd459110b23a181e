import { ValidationError } from '@azureml-ts/common';
import { CORRELATION_COLUMNS } from '../format/columns.ts';
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

/**
 * Checks the options that a program fixes: a mistake here is told at once, when the scoring script starts.
 *
 * @throws ValidationError naming the option.
 */
export function validateOptions(options: ModelDataCollectorOptions): CollectorLimits {
  const names: unknown = options.featureNames;
  if (names !== undefined) {
    checkFeatureNames(names);
  }
  for (const name of ['enabled', 'onError', 'storage'] as const) {
    const expected = { enabled: 'boolean', onError: 'function', storage: 'object' }[name];
    if (options[name] !== undefined && typeof options[name] !== expected) {
      throw new ValidationError({ path: name, expected: `a ${expected}` });
    }
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

function checkFeatureNames(names: unknown): void {
  if (!Array.isArray(names) || names.length === 0 || names.some((name) => typeof name !== 'string' || name === '')) {
    throw new ValidationError({
      path: 'featureNames',
      expected: 'an array of at least one non-empty text',
      received: names,
    });
  }
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated !== undefined) {
    throw new ValidationError({ path: 'featureNames', expected: 'free of repeated names', received: repeated });
  }
  const reserved = names.find((name) => (CORRELATION_COLUMNS as readonly string[]).includes(name));
  if (reserved !== undefined) {
    throw new ValidationError({
      path: 'featureNames',
      expected: `free of the columns that the collector adds (${CORRELATION_COLUMNS.join(', ')})`,
      received: reserved,
    });
  }
}
