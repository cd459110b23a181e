import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startAzurite } from '@azureml-ts/testing';
import { type LinearModel, predict } from '../model.ts';
import { errorsOf, fitRidge } from '../ridge.ts';
import { writeOutcomes } from './outcomes.ts';
import { type Patient, type Patients, readPatients } from './patients.ts';
import { deploy, modelText, type Place, scoreAll } from './service.ts';
import { openCollected, type Part, readPart, writeTrainingSet } from './training-data.ts';

/** Patients that were known before there was a service. */
const FIRST_PATIENTS = 40;
const RIDGE = 10;

/** What the scenario needs to know. */
export interface RetrainOptions {
  /** Folder of the example. */
  readonly example: string;
  /** Folder to keep the training set and the models in; a temporary one when left out. */
  readonly out: string | undefined;
  /** Ends the scenario early; whatever was started is stopped all the same. */
  readonly abortSignal: AbortSignal;
}

/**
 * Plays the whole scenario; whatever it started has ended when it returns.
 *
 * @throws Error saying what did not hold.
 */
export async function retrain({ example, out, abortSignal }: RetrainOptions): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'azureml-ts-retraining-'));
  const cleanup: (() => Promise<unknown>)[] = [() => rm(directory, { recursive: true, force: true, maxRetries: 5 })];
  try {
    const azurite = await startAzurite({ abortSignal });
    cleanup.push(() => azurite.close());
    progress(`storage account (Azurite) on ${azurite.url}`);
    const place = { example, directory, storage: azurite.connectionString, abortSignal };
    await play(place, readPatients(example), out ?? join(directory, 'out'), cleanup);
  } finally {
    for (const end of cleanup.toReversed()) {
      await end();
    }
  }
}

async function play(
  place: Place,
  { featureNames, all }: Patients,
  out: string,
  cleanup: (() => Promise<unknown>)[],
): Promise<void> {
  const { storage, abortSignal } = place;
  const from = new Date();
  await mkdir(out, { recursive: true });

  // 1. The model of before, from the few patients whose outcome was known then.
  const known = all.slice(0, FIRST_PATIENTS);
  const oldModel = fitRidge(trainingRows(featureNames, known), RIDGE);
  const service = await deploy(place, '1', await writeModel(out, 'model-1', oldModel));
  cleanup.push(() => service.delete());
  print(`model 1: trained on ${oldModel.trainedOn} patients, in service`);

  // 2. Patients come, and are scored.
  const patients = all.slice(FIRST_PATIENTS);
  const { predictions, requests } = await scoreAll(service, patients, abortSignal);
  ensure(
    predictions.every((prediction, index) => Object.is(prediction, predict(oldModel, patients[index]?.features ?? []))),
    'the service predicts what model 1 predicts',
  );
  progress('waiting until the rows are stored');
  const collected = await openCollected(service, {
    storage,
    version: '1',
    rowCount: patients.length,
    from,
    abortSignal,
  });
  const { matched, leftOnly, rightOnly, duplicateRows } = collected.rows.summary;
  ensure(leftOnly + rightOnly + duplicateRows === 0, 'every row has its prediction');
  print(`collected: ${matched} rows of ${requests} requests, each with its prediction`);

  // 3. A year later.
  const outcomes = join(out, 'outcomes.csv');
  await writeOutcomes(outcomes, patients);
  const { set, summary } = await writeTrainingSet(collected, outcomes, join(out, 'training'), featureNames);
  print(
    `outcomes: ${summary.labels} read; ${summary.labelled} rows have one, ${summary.rowsWithoutLabel} have none, ` +
      `${summary.duplicateLabels} was corrected, ${summary.labelsWithoutRow} fits no row`,
  );
  ensure(
    set.manifest.rows.written === summary.labelled && summary.labelled + summary.rowsWithoutLabel === matched,
    'the training set has every row with an outcome',
  );
  for (const { path, rows, sha256 } of set.manifest.files) {
    print(`training set: ${path}, ${rows} rows, sha256 ${sha256.slice(0, 16)}...`);
  }

  // 4. The new model, held against the old one on patients that neither was trained on.
  const train = await readPart(join(out, 'training'), 'train', featureNames);
  const test = await readPart(join(out, 'training'), 'test', featureNames);
  const newModel = fitRidge({ featureNames, ...train }, RIDGE);
  const isBetter = compare(newModel, test);
  ensure(isBetter, 'the new model is better than the old one on held-out patients');

  // 5. It goes into service in place of the old one.
  const renewed = await deploy(place, '2', await writeModel(out, 'model-2', newModel));
  cleanup.push(() => renewed.delete());
  print(`model 2: trained on ${newModel.trainedOn} patients, in service`);
  await checkRenewed(renewed, newModel, patients.slice(-3), { ...place, from });
}

/** Prints how far both models are off; the old one by what it really predicted while it was in service. */
function compare(newModel: LinearModel, test: Part): boolean {
  const served = errorsOf(test.served, test.targets);
  const renewed = errorsOf(
    test.rows.map((row) => predict(newModel, row)),
    test.targets,
  );
  print(`error on ${test.targets.length} held-out patients:`);
  print(`  model 1, as served   rmse ${served.rmse.toFixed(2)}  mean ${served.mae.toFixed(2)}`);
  print(`  model 2, retrained   rmse ${renewed.rmse.toFixed(2)}  mean ${renewed.mae.toFixed(2)}`);
  return renewed.rmse < served.rmse;
}

/** Scores through the service, and looks whether the rows are stored under the new version. */
async function checkRenewed(
  service: Awaited<ReturnType<typeof deploy>>,
  model: LinearModel,
  patients: readonly Patient[],
  { storage, from, abortSignal }: Place & { readonly from: Date },
): Promise<void> {
  const { predictions } = await scoreAll(service, patients, abortSignal);
  const expected = patients.map(({ features }) => predict(model, features));
  ensure(
    predictions.every((prediction, index) => Object.is(prediction, expected[index])),
    'the service predicts what model 2 predicts',
  );
  for (const [index, { id, progression }] of patients.entries()) {
    print(`  ${id}: predicted ${predictions[index]?.toFixed(1)}, was ${progression}`);
  }
  const { rows } = await openCollected(service, {
    storage,
    version: '2',
    rowCount: patients.length,
    from,
    abortSignal,
  });
  print(`collected: ${rows.summary.matched} rows of model 2`);
}

function trainingRows(featureNames: readonly string[], patients: readonly Patient[]) {
  return {
    featureNames,
    rows: patients.map(({ features }) => features),
    targets: patients.map(({ progression }) => progression),
  };
}

/** Each model has a folder of its own, because the scoring script looks for `model.json`. */
async function writeModel(out: string, name: string, model: LinearModel): Promise<string> {
  const file = join(out, name, 'model.json');
  await mkdir(join(out, name), { recursive: true });
  await writeFile(file, modelText(model));
  return file;
}

function ensure(held: boolean, what: string): void {
  if (!held) {
    throw new Error(`it did not hold that ${what}`);
  }
  progress(`ok ${what}`);
}

function progress(text: string): void {
  process.stderr.write(`-- ${text}\n`);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
