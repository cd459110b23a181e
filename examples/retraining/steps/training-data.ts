import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LocalWebservice } from '@azureml-ts/core';
import { CollectedData, type JoinedRows, type LabelSummary, type TrainingSet } from '@azureml-ts/data';
import { MODEL_NAME } from './service.ts';

/** What the old model predicted, as a column of the training set. */
export const SERVED = 'served_prediction';
const TARGET = 'progression';
// Rows are stored twice a second here; this is for a machine that is busy with other things.
const ARRIVAL_TIMEOUT_MS = 30_000;
const LOOK_AGAIN_MS = 200;

/** What a version of the model saw and said. */
export interface Collected {
  readonly inputs: CollectedData;
  readonly rows: JoinedRows<Record<string, number>, { predicted_progression: number }>;
}

/** Opens the rows of a version, and waits until as many as were scored are stored on both sides. */
export async function openCollected(
  service: LocalWebservice,
  options: { storage: string; version: string; rowCount: number; from: Date; abortSignal: AbortSignal },
): Promise<Collected> {
  const { storage, version, rowCount, from, abortSignal } = options;
  const { subscriptionId, resourceGroup, workspaceName } = service.workspace;
  const open = (designation: string) =>
    CollectedData.open({
      storage,
      workspace: { subscriptionId, resourceGroup, workspaceName },
      webserviceName: service.name,
      modelName: MODEL_NAME,
      modelVersion: version,
      designation,
      from,
    });
  const [inputs, predictions] = [await open('inputs'), await open('predictions')];
  const rows: Collected['rows'] = inputs.join(predictions, { orderBy: 'time', abortSignal });
  const deadline = Date.now() + ARRIVAL_TIMEOUT_MS;
  for (;;) {
    const found = await countRows(rows);
    if (found === rowCount) {
      return { inputs, rows };
    }
    if (found > rowCount || Date.now() > deadline) {
      throw new Error(`${rowCount} rows were scored, but ${found} are stored.`);
    }
    await sleep(LOOK_AGAIN_MS, undefined, { signal: abortSignal });
  }
}

async function countRows(rows: Collected['rows']): Promise<number> {
  try {
    for await (const _ of rows) {
      // Only counted.
    }
  } catch (error) {
    // Nothing at all is stored yet.
    if ((error as { code?: unknown }).code !== 'COLLECTED_DATA_NOT_FOUND') {
      throw error;
    }
  }
  return rows.summary.matched;
}

/** Puts the outcomes to the rows and writes the training set: features, what was predicted, and what came of it. */
export async function writeTrainingSet(
  { rows }: Collected,
  outcomes: string,
  directory: string,
  featureNames: readonly string[],
): Promise<{ set: TrainingSet; summary: LabelSummary }> {
  const labelled = rows.joinLabels(outcomes, { on: 'patient', types: { progression: 'number' } });
  const set = await labelled.trainingSet(directory, {
    columns: [...featureNames, { from: 'right', name: 'predicted_progression', as: SERVED }, TARGET],
    split: { train: 0.75, test: 0.25 },
    // By patient, so that nobody is in both parts, in this set and in later ones.
    splitBy: 'userCorrelationId',
    overwrite: true,
  });
  return { set, summary: labelled.summary };
}

/** A part of a training set, as numbers. */
export interface Part {
  readonly rows: readonly (readonly number[])[];
  readonly served: readonly number[];
  readonly targets: readonly number[];
}

/** Reads a part of a training set back. All of its columns are numbers, so that no quotes are in the way. */
export async function readPart(directory: string, part: string, featureNames: readonly string[]): Promise<Part> {
  const text = await readFile(join(directory, `${part}.csv`), 'utf8');
  const [header = '', ...lines] = text.trimEnd().split('\n');
  const names = header.split(',');
  const table = lines.map((line) => line.split(',').map(Number));
  const column = (name: string) => table.map((row) => row[names.indexOf(name)] ?? Number.NaN);
  const features = featureNames.map((name) => names.indexOf(name));
  return {
    rows: table.map((row) => features.map((index) => row[index] ?? Number.NaN)),
    served: column(SERVED),
    targets: column(TARGET),
  };
}
