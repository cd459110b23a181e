import { ValidationError } from '@azureml-ts/common';
import type { CollectorOptions } from './collector-options.ts';
import { checkSink } from './open-collector-sink.ts';

const isObject = (value: unknown) => typeof value === 'object' && value !== null;
const isText = (value: unknown) => typeof value === 'string' && value !== '';
const inRange = (least: number, most: number) => (value: unknown) =>
  typeof value === 'number' && value >= least && value <= most;

const CHECKS: readonly [keyof CollectorOptions, (value: unknown) => boolean, expected: string][] = [
  ['onError', (value) => typeof value === 'function', 'a function'],
  ['enabled', (value) => typeof value === 'boolean', 'true or false'],
  ['samplingRate', inRange(0, 1), 'a number from 0 to 1'],
  ['modelVersion', (value) => typeof value === 'string' || Number.isFinite(value), 'a text or a number'],
  ['workspace', isObject, 'an object { subscriptionId, resourceGroup, workspaceName }'],
  ['redactKey', (value) => isText(value) || (value instanceof Uint8Array && value.length > 0), 'a text or bytes'],
  ['flushIntervalMs', inRange(10, 86_400_000), 'a number from 10 to 86400000'],
  ['maxBatchBytes', inRange(1, 67_108_864), 'a number from 1 to 67108864'],
  ['maxBufferBytes', inRange(1_024, Number.MAX_SAFE_INTEGER), 'a number of 1024 or more'],
  ['maxRecords', inRange(1, Number.MAX_SAFE_INTEGER), 'a number of 1 or more'],
  ['onFull', (value) => value === 'dropNewest' || value === 'dropOldest', "'dropNewest' or 'dropOldest'"],
  [
    'journal',
    (value) => typeof value === 'boolean' || isObject(value),
    'true, false or an object { directory, maxBytes }',
  ],
  ['clock', (value) => isObject(value) && typeof (value as { now?: unknown }).now === 'function', 'a Clock'],
];

/**
 * Checks the options of a collector but its name, about which `onError` is told.
 *
 * @throws ValidationError (`VALIDATION`) naming the option.
 */
export function checkCollectorOptions(options: CollectorOptions): void {
  if (typeof options !== 'object' || options === null) {
    throw new ValidationError({ path: 'options', expected: 'an object { name }', received: options });
  }
  for (const [name, isRight, expected] of CHECKS) {
    const value: unknown = options[name];
    if (value !== undefined && !isRight(value)) {
      throw new ValidationError({ path: name, expected, ...(name === 'redactKey' ? {} : { received: value }) });
    }
  }
  if (options.sink !== undefined) {
    checkSink(options.sink);
  }
  if (typeof options.journal === 'object') {
    const { directory, maxBytes } = options.journal;
    if (directory !== undefined && !isText(directory)) {
      throw new ValidationError({ path: 'journal.directory', expected: 'the path of a folder', received: directory });
    }
    if (maxBytes !== undefined && !(typeof maxBytes === 'number' && maxBytes >= 65_536)) {
      throw new ValidationError({
        path: 'journal.maxBytes',
        expected: 'a number of 65536 or more',
        received: maxBytes,
      });
    }
  }
}
