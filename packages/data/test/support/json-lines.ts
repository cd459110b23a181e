import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { CollectedData, type JsonLinesOptions } from '../../src/index.ts';

/** Where the tests' collections are. */
export const FOLDER = 'modelDataCollector/ep/blue/model_inputs';

/** A record as the collection sidecar writes it: its keys, its escapes and its range as they are in real files. */
export function record(data: string, more: Record<string, unknown> = {}): string {
  const bytes = Buffer.byteLength(data);
  const fields = {
    specversion: '1.0',
    id: '5b9d3c1e-7f7c-4a8a-9c8e-2f3f3c1d0a11',
    source:
      '/subscriptions/sub/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/ws/onlineEndpoints/ep/deployments/blue',
    type: 'azureml.inference.model_inputs',
    datacontenttype: 'application/json',
    time: '2026-03-04T05:06:07Z',
    data: 0,
    correlationid: '0c6b0f6e-9a6f-4c0e-8a2e-5a7f7f3f0001',
    xrequestid: '0c6b0f6e-9a6f-4c0e-8a2e-5a7f7f3f0001',
    modelversion: 'default',
    collectdatatype: 'pandas.core.frame.DataFrame',
    agent: 'azureml-ai-monitoring/1.0.0',
    contentrange: `bytes 0-${bytes - 1}/${bytes}`,
    ...more,
  };
  return JSON.stringify(fields).replace('"data":0', () => `"data":${data}`);
}

/** Writes files below a folder. */
export async function writeLines(directory: string, files: Record<string, string | Uint8Array>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(directory, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content);
  }
}

/** Opens the collection of the tests. */
export function openLines(directory: string, more: Partial<JsonLinesOptions> = {}): Promise<CollectedData> {
  return CollectedData.open({
    layout: 'json-lines',
    storage: { directory },
    endpointName: 'ep',
    deploymentName: 'blue',
    collectionName: 'model_inputs',
    ...more,
  });
}
