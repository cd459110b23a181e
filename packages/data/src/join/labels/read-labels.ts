import { ValidationError } from '@azureml-ts/common';
import { requestIdOf, userIdOf } from '../call-identity.ts';
import { CallReader } from '../call-reader.ts';
import { isCollected, joinSideOf, readSide } from '../join-side.ts';
import type { SourceWatch } from '../source-watch.ts';
import { labelColumnNotFound, readLabelFile } from './label-file.ts';
import type { JoinLabelsOptions, LabelRecord, LabelSource } from './label-options.ts';

/** A label and its id. */
export interface KeyedLabel {
  /** Empty when the label has none. */
  readonly id: string;
  /** Place within the call, when that belongs to the id. */
  readonly position?: number | undefined;
  readonly label: LabelRecord;
}

/**
 * Checks what labels are read from.
 *
 * @throws ValidationError (`VALIDATION`).
 */
export function checkLabelSource(labels: LabelSource<object>): void {
  const isFile = (typeof labels === 'string' && labels !== '') || labels instanceof URL;
  const isIterable =
    typeof labels === 'object' && labels !== null && (Symbol.iterator in labels || Symbol.asyncIterator in labels);
  if (!isFile && !isIterable && !isCollected(labels)) {
    throw new ValidationError({
      path: 'labels',
      expected: 'records (an array or an iterable), the path of a file, or what CollectedData.open() gave',
      received: labels,
    });
  }
}

/** Reads labels, wherever they are. */
export async function* readLabels(
  labels: LabelSource<object>,
  options: JoinLabelsOptions,
  watch: SourceWatch | undefined,
): AsyncGenerator<KeyedLabel, void, undefined> {
  const on = options.on ?? 'userCorrelationId';
  if (typeof labels === 'string' || labels instanceof URL) {
    for await (const { label, id } of readLabelFile(labels, on, options, watch)) {
      yield { label: pick(label, options.columns), id: id ?? idText(label, on) };
    }
  } else if (isCollected(labels)) {
    yield* readCollected(labels, on, options, watch);
  } else {
    yield* readRecords(labels as Iterable<LabelRecord> | AsyncIterable<LabelRecord>, on, options, watch);
  }
}

async function* readRecords(
  labels: Iterable<LabelRecord> | AsyncIterable<LabelRecord>,
  on: string,
  { columns, abortSignal }: JoinLabelsOptions,
  watch: SourceWatch | undefined,
): AsyncGenerator<KeyedLabel, void, undefined> {
  let count = 0;
  let names: string[] | undefined;
  let hasId = false;
  for await (const label of labels) {
    abortSignal?.throwIfAborted();
    if (typeof label !== 'object' || label === null) {
      throw new ValidationError({ path: `labels[${count}]`, expected: 'an object', received: label });
    }
    count += 1;
    names ??= Object.keys(label);
    hasId ||= Object.hasOwn(label, on);
    yield { label: pick(label, columns), id: idText(label, on) };
  }
  if (names !== undefined && !hasId) {
    throw labelColumnNotFound(on, names, 'the labels');
  }
  watch?.records(count);
}

async function* readCollected(
  labels: unknown,
  on: string,
  { columns, types, abortSignal }: JoinLabelsOptions,
  watch: SourceWatch | undefined,
): AsyncGenerator<KeyedLabel, void, undefined> {
  const isFeature = !['userCorrelationId', 'correlationId', 'requestId'].includes(on);
  const wanted = columns === undefined || !isFeature ? columns : [...new Set([...columns, on])];
  const declared = !isFeature || types === 'strings' ? types : { ...(typeof types === 'object' ? types : {}) };
  if (typeof declared === 'object' && isFeature) {
    // As text, so that an id such as 00417 stays what it is.
    Object.assign(declared, { [on]: 'string' });
  }
  const side = joinSideOf(labels, 'labels');
  const calls = new CallReader(
    readSide<LabelRecord>(side, { columns: wanted, types: declared, abortSignal }, watch, 'labels'),
  );
  try {
    for (let call = await calls.next(); call !== undefined; call = await calls.next()) {
      abortSignal?.throwIfAborted();
      for (const [position, { features, call: identity }] of call.rows.entries()) {
        const label = pick(features, columns);
        switch (on) {
          case 'userCorrelationId':
            yield { label, id: userIdOf(identity) };
            break;
          case 'correlationId':
            yield { label, id: identity.id, position };
            break;
          case 'requestId':
            yield { label, id: requestIdOf(identity) };
            break;
          default:
            yield { label, id: idText(features, on) };
        }
      }
    }
  } finally {
    await calls.close();
  }
}

function pick(label: LabelRecord, columns: readonly string[] | undefined): LabelRecord {
  return columns === undefined ? label : Object.fromEntries(columns.map((name) => [name, label[name] ?? null]));
}

/** An id as text: numbers as JavaScript writes them, dates as ISO 8601. */
export function idText(record: Readonly<Record<string, unknown>>, name: string): string {
  const value = Object.hasOwn(record, name) ? record[name] : undefined;
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
    case 'bigint':
    case 'boolean':
      return String(value);
    default:
      return value instanceof Date && !Number.isNaN(value.getTime()) ? value.toISOString() : '';
  }
}
