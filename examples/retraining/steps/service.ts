import { join } from 'node:path';
import { InferenceConfig, LocalWebservice, Model, Workspace } from '@azureml-ts/core';
import type { LinearModel } from '../model.ts';
import type { Patient } from './patients.ts';

/** Name of the model and of the service: both are folders of the collected rows' path. */
export const MODEL_NAME = 'progression';
const SERVICE_NAME = 'progression-svc';
const START_TIMEOUT_MS = 30_000;
/** Patients in a request, round and round. */
const REQUEST_SIZES = [1, 4, 16, 2, 8];

/** Where the service runs and stores. */
export interface Place {
  /** Folder of the example. */
  readonly example: string;
  /** Folder of the service. */
  readonly directory: string;
  /** Connection string of the storage account. */
  readonly storage: string;
  readonly abortSignal: AbortSignal;
}

/** Deploys a version of the model. A service that runs already is replaced by it. */
export async function deploy(place: Place, version: string, modelFile: string): Promise<LocalWebservice> {
  const workspace = await Workspace.fromConfig({ path: place.example });
  const service = await Model.deploy(workspace, {
    name: SERVICE_NAME,
    models: [new Model({ name: MODEL_NAME, version, path: modelFile })],
    inferenceConfig: new InferenceConfig({ entryScript: 'score.ts', sourceDirectory: place.example }),
    deploymentConfig: LocalWebservice.deployConfiguration({
      collectModelData: true,
      storage: place.storage,
      directory: join(place.directory, 'services'),
    }),
    overwrite: true,
  });
  await service.waitForDeployment({ timeoutMs: START_TIMEOUT_MS, abortSignal: place.abortSignal });
  return service;
}

/** Scores patients in requests of several sizes; gives the predictions in their order. */
export async function scoreAll(
  service: LocalWebservice,
  patients: readonly Patient[],
  abortSignal: AbortSignal,
): Promise<{ predictions: number[]; requests: number }> {
  const predictions: number[] = [];
  let requests = 0;
  for (let start = 0; start < patients.length; requests += 1) {
    const some = patients.slice(start, start + (REQUEST_SIZES[requests % REQUEST_SIZES.length] ?? 1));
    const input = { data: some.map(({ features }) => features), patients: some.map(({ id }) => id) };
    const answer = (await service.run(input, { abortSignal })) as { predictions: number[] };
    predictions.push(...answer.predictions);
    start += some.length;
  }
  return { predictions, requests };
}

/** A model as the text of its file. */
export function modelText(model: LinearModel): string {
  return `${JSON.stringify(model, undefined, 2)}\n`;
}
