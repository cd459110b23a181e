import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceConfig, LocalWebservice, Model, Workspace } from '@azureml-ts/core';
import { startAzurite, startTelemetryStandIn, type TelemetryStandIn } from '@azureml-ts/testing';
import type { Checks } from './checks.ts';
import type { Cleanup } from './cleanup.ts';

/** What runs while the demo plays. */
export interface Stage {
  readonly workspace: Workspace;
  readonly service: LocalWebservice;
  readonly telemetry: TelemetryStandIn;
  /** Address of the blob store. */
  readonly blobUrl: string;
  /** How to reach the blob store, with its public development key. */
  readonly blobConnection: string;
}

/** Name and version under which the model is deployed: both are folders of the collected rows' path. */
export const MODEL = { name: 'diabetes', version: '1' } as const;

const SERVICE_NAME = 'diabetes-svc';
const START_TIMEOUT_MS = 30_000;

/** Starts the blob store, the telemetry endpoint and the service; `cleanup` knows how to stop each as soon as it runs. */
export async function startStage(
  example: string,
  checks: Checks,
  cleanup: Cleanup,
  abortSignal: AbortSignal,
): Promise<Stage> {
  const directory = await mkdtemp(join(tmpdir(), 'azureml-ts-diabetes-'));
  cleanup.add('the temporary folder', () => rm(directory, { recursive: true, force: true, maxRetries: 5 }));

  const azurite = await startAzurite({ abortSignal });
  cleanup.add('the blob store', () => azurite.close());
  checks.progress(`blob store (Azurite) on ${azurite.url}`);

  const telemetry = await startTelemetryStandIn();
  cleanup.add('the telemetry endpoint', () => telemetry.close());
  checks.progress(`telemetry endpoint on ${telemetry.url}`);
  abortSignal.throwIfAborted();

  const workspace = await Workspace.fromConfig({ path: example });
  const service = await Model.deploy(workspace, {
    name: SERVICE_NAME,
    models: [new Model({ ...MODEL, path: join(example, 'model', 'model.json') })],
    inferenceConfig: new InferenceConfig({ entryScript: 'score.ts', sourceDirectory: example }),
    deploymentConfig: LocalWebservice.deployConfiguration({
      collectModelData: true,
      enableAppInsights: true,
      storage: azurite.connectionString,
      appInsightsConnectionString: telemetry.connectionString,
      directory,
    }),
  });
  cleanup.add('the service', () => service.delete());
  await service.waitForDeployment({ timeoutMs: START_TIMEOUT_MS, abortSignal });
  checks.progress(`service ${service.name} (${service.kind}) on ${service.scoringUri}`);
  return { workspace, service, telemetry, blobUrl: azurite.url, blobConnection: azurite.connectionString };
}
