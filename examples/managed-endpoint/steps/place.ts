import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Workspace } from '@azureml-ts/core';
import type { TelemetryItem } from '@azureml-ts/testing';
import { ImageRunner } from './image-runner.ts';

/** The subscription of the config.json in this folder: nobody has it. */
const NOBODY = '00000000-0000-0000-0000-000000000000';

/** Where the service is deployed to. */
export interface Place {
  readonly workspace: Workspace;
  /** Whether it is in Azure. */
  readonly isReal: boolean;
  /** Where traces go; `undefined` for the Application Insights of the workspace. */
  readonly telemetry: string | undefined;
  /** Waits for the containers of an endpoint that was changed. Azure has started them itself. */
  afterChange(endpointName: string): Promise<void>;
  /** Tells which traces arrived, or where to see them. */
  traces(abortSignal: AbortSignal): Promise<string>;
}

/**
 * Opens the workspace of a config.json: that in Azure, or, when the subscription is nobody's, one on this machine.
 *
 * @param example Folder of the example.
 * @param config The config.json.
 * @param cleanup Gets what has to be ended.
 */
export async function openPlace(
  example: string,
  config: string,
  cleanup: (() => Promise<unknown>)[],
  abortSignal: AbortSignal,
): Promise<Place> {
  const workspace = await Workspace.fromConfig({ path: config });
  if (workspace.subscriptionId !== NOBODY) {
    return {
      workspace,
      isReal: true,
      telemetry: undefined,
      afterChange: async () => undefined,
      traces: async () => 'in some minutes, with: azureml-ts traces',
    };
  }
  return standIns(example, workspace, cleanup, abortSignal);
}

async function standIns(
  example: string,
  { subscriptionId, resourceGroup, workspaceName }: Workspace,
  cleanup: (() => Promise<unknown>)[],
  abortSignal: AbortSignal,
): Promise<Place> {
  // Not needed with a workspace in Azure.
  const { startAzureStandIn, startAzurite, startTelemetryStandIn } = await import('@azureml-ts/testing');
  const directory = await mkdtemp(join(tmpdir(), 'azureml-ts-endpoint-'));
  cleanup.push(() => rm(directory, { recursive: true, force: true, maxRetries: 5 }));
  const azurite = await startAzurite({ abortSignal });
  cleanup.push(() => azurite.close());
  const telemetry = await startTelemetryStandIn();
  cleanup.push(() => telemetry.close());
  const names = { subscriptionId, resourceGroup, workspaceName };
  const azure = await startAzureStandIn({ ...names, blobs: azurite.connectionString });
  cleanup.push(() => azure.close());
  process.stderr.write(`-- stand-ins: Azure on ${azure.url}, storage on ${azurite.url}, traces on ${telemetry.url}\n`);
  const { credential, clientOptions } = azure;
  const workspace = new Workspace({ ...names, credential, clientOptions });
  const images = new ImageRunner({
    workspace,
    azure,
    directory,
    storage: azurite.connectionString,
    packages: join(example, 'node_modules'),
    abortSignal,
  });
  cleanup.push(() => images.stop());
  return {
    workspace,
    isReal: false,
    telemetry: telemetry.connectionString,
    afterChange: (endpointName) => images.start(endpointName),
    traces: async (signal) => {
      const isScored = ({ baseType, properties }: TelemetryItem) =>
        baseType === 'MessageData' && properties['Contents']?.includes('"output"') === true;
      const items = await telemetry.waitFor(
        (all) => all.some(({ baseType }) => baseType === 'RequestData') && all.some(isScored),
        { abortSignal: signal },
      );
      return `a request, and what it printed: ${items.find(isScored)?.properties['Contents']}`;
    },
  };
}
