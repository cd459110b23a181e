import { mkdir, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { CollectedData, type CollectedDataOptions } from '@azureml-ts/data';
import {
  type Feature,
  type FeatureValue,
  ModelDataCollector,
  type ModelDataCollectorOptions,
} from '@azureml-ts/monitoring';
import { FEATURES, KINDS, type Names, PLAIN, TEXTS, valuesOf } from './samples.ts';
import { type ColumnKind, cellOf, type TableCell } from './tables.ts';

/** A stream that was collected. */
export interface Stream {
  readonly open: CollectedDataOptions & { readonly storage: { readonly directory: string } };
  /** Folder of the stream. */
  readonly folder: string;
  /** Kinds of the columns, features first. */
  readonly kinds: Readonly<Record<string, ColumnKind>>;
  /** What was collected, by the number in the column `row`. */
  readonly rows: readonly (readonly TableCell[])[];
}

function clockAt(day: string): NonNullable<ModelDataCollectorOptions['clock']> {
  return {
    now: () => Date.parse(`${day}T12:00:00Z`),
    setTimeout: (work, ms) => setTimeout(work, ms),
    clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
  };
}

export interface Collection {
  readonly directory: string;
  readonly names: Names;
  readonly designation: string;
  readonly day: string;
  readonly instance?: string;
  readonly features?: readonly Feature[];
  /** Names alone: numbers then stand as JavaScript writes them. */
  readonly featureNames?: readonly string[];
}

/** A collector of a stream, on a day of its own. */
export function collectorOf(collection: Collection): ModelDataCollector {
  const { directory, names, designation, day, instance, features, featureNames } = collection;
  const { modelName, ...rest } = names;
  return new ModelDataCollector(modelName, {
    ...rest,
    designation,
    storage: { directory },
    journal: false,
    clock: clockAt(day),
    ...(instance === undefined ? {} : { filePerReplica: instance }),
    ...(features === undefined ? {} : { features }),
    ...(featureNames === undefined ? {} : { featureNames }),
  });
}

/** How a stream is opened. */
export function openOptions(directory: string, names: Names, designation: string): Stream['open'] {
  return { ...names, designation, storage: { directory } };
}

/** The folder of a stream. */
export function folderOf(directory: string, names: Names, designation: string): string {
  const { workspace, webserviceName, modelName, modelVersion } = names;
  return join(
    directory,
    'modeldata',
    workspace.subscriptionId,
    workspace.resourceGroup,
    workspace.workspaceName,
    webserviceName,
    modelName,
    modelVersion,
    designation,
  );
}

/**
 * Collects all kinds of cells over several days, by several writers at the same time, one of them with files of its own,
 * and in numbered parts; also what the model answered, and one month without its zero.
 */
export async function collectAll(
  directory: string,
  names: Names,
  perDay: number,
): Promise<{ inputs: Stream; predictions: Stream }> {
  const days = ['2026-02-27', '2026-03-01', '2026-03-02', '2026-11-30'];
  const inputRows: TableCell[][] = [];
  const predictionRows: TableCell[][] = [];
  for (const [index, day] of days.entries()) {
    for (const half of [0, 1]) {
      const shared = { directory, names, day };
      const inputs = [undefined, undefined, 'pod-7'].map((instance) =>
        collectorOf({
          ...shared,
          designation: 'inputs',
          features: FEATURES,
          ...(instance === undefined ? {} : { instance }),
        }),
      );
      const predictions = collectorOf({ ...shared, designation: 'predictions', featureNames: ['row', 'score'] });
      for (let at = 0; at < perDay / 2; at += 2) {
        // Two rows a call, so that their place within it counts.
        const first = (index * 2 + half) * perDay + at;
        const values = [valuesOf(first), valuesOf(first + 1)];
        const writer = inputs[(at / 2) % inputs.length];
        const receipt = writer?.collectRows(values, { correlationId: `loan-${first}` });
        predictions.collectRows(
          values.map((row) => [Number(row[0]), Number(row[0]) / 8]),
          receipt?.correlations === undefined ? {} : { correlations: receipt.correlations },
        );
        for (const row of values) {
          inputRows.push(row.map((value, place) => cellOf(value, Object.values(KINDS)[place] ?? 'string')));
          predictionRows.push([cellOf(row[0], 'bigint'), cellOf(Number(row[0]) / 8, 'double')]);
        }
      }
      await Promise.all([...inputs, predictions].map((collector) => collector.close()));
      if (half === 0) {
        // The file is full, as far as the next writer knows.
        const folder = join(folderOf(directory, names, 'inputs'), day.replaceAll('-', '/'));
        await rename(join(folder, 'data.csv'), join(folder, 'data-2.csv'));
      }
    }
  }
  // First releases wrote months and days without their zero.
  for (const designation of ['inputs', 'predictions']) {
    const year = join(folderOf(directory, names, designation), '2026');
    await mkdir(join(year, '3'), { recursive: true });
    await rename(join(year, '03', '02'), join(year, '3', '2'));
  }
  const stream = (designation: string, kinds: Stream['kinds'], rows: TableCell[][]): Stream => ({
    open: openOptions(directory, names, designation),
    folder: folderOf(directory, names, designation),
    kinds,
    rows,
  });
  return {
    inputs: stream('inputs', KINDS, inputRows),
    predictions: stream('predictions', { row: 'bigint', score: 'double' }, predictionRows),
  };
}

/**
 * Collects rows whose columns change: on one day, beside each other, and from one day to the next.
 *
 * @param last Further columns of the last day.
 */
export async function collectChanging(directory: string, last: readonly string[] = []): Promise<Stream> {
  const designation = last.length === 0 ? 'changing' : 'cased';
  const kinds: Stream['kinds'] = Object.fromEntries([
    ['row', 'bigint'],
    ['age', 'double'],
    ['city', 'string'],
    ...last.map((name) => [name, 'string']),
  ]);
  const rows: TableCell[][] = [];
  const collect = async (day: string, columns: readonly string[]): Promise<void> => {
    const collector = collectorOf({
      directory,
      names: PLAIN,
      designation,
      day,
      features: columns.map((name) => ({
        name,
        type: name === 'row' ? 'int32' : name === 'age' ? 'float64' : 'string',
      })),
    });
    for (let at = 0; at < 20; at += 1) {
      const row: Record<string, FeatureValue> = { row: rows.length, age: at + 0.5, city: TEXTS[at] ?? '' };
      for (const name of last) {
        row[name] = `${name} ${at}`;
      }
      collector.collectRows([columns.map((name) => row[name])]);
      rows.push(Object.entries(kinds).map(([name, kind]) => (columns.includes(name) ? cellOf(row[name], kind) : null)));
    }
    await collector.close();
  };
  await collect('2026-03-01', ['row', 'age']);
  await collect('2026-03-01', ['row', 'city', 'age']);
  await collect('2026-03-02', ['city', 'row', 'age', ...last]);
  const folder = join(folderOf(directory, PLAIN, designation), '2026/03/01');
  if ((await readdir(folder)).filter((name) => name.endsWith('.csv')).length !== 2) {
    throw new Error('The rows of other columns have no file of their own.');
  }
  return {
    open: openOptions(directory, PLAIN, designation),
    folder: folderOf(directory, PLAIN, designation),
    kinds,
    rows,
  };
}

/** Collects arrays without names: files without header. */
export async function collectNameless(directory: string): Promise<Stream> {
  const designation = 'nameless';
  const collector = collectorOf({ directory, names: PLAIN, designation, day: '2026-03-01' });
  const rows: TableCell[][] = [];
  for (let row = 0; row < 30; row += 1) {
    const values = [row, `text ${row}, "${row}"\n`, row / 8];
    collector.collectRows([values]);
    rows.push([cellOf(row, 'bigint'), cellOf(values[1], 'string'), cellOf(values[2], 'double')]);
  }
  await collector.close();
  return {
    open: openOptions(directory, PLAIN, designation),
    folder: folderOf(directory, PLAIN, designation),
    kinds: { column_1: 'bigint', column_2: 'string', column_3: 'double' },
    rows,
  };
}

/** Opens a stream. */
export function opened(stream: Stream, more: Partial<CollectedDataOptions> = {}): Promise<CollectedData> {
  return CollectedData.open({ ...stream.open, ...more });
}
