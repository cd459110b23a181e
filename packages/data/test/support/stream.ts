import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Clock, systemClock } from '@azureml-ts/common';
import { ModelDataCollector, type ModelDataCollectorOptions } from '@azureml-ts/monitoring';

/** Where the tests' rows belong: `sub/rg/ws/svc/best_model/1/<designation>`. */
export const stream = {
  workspace: { subscriptionId: 'sub', resourceGroup: 'rg', workspaceName: 'ws' },
  webserviceName: 'svc',
  modelName: 'best_model',
  modelVersion: '1',
  designation: 'inputs',
} as const;

export const ROOT = 'sub/rg/ws/svc/best_model/1/inputs';
export const HEADER =
  'x,$aml_dc_correlation_id,$aml_dc_user_correlation_id,$aml_dc_scoring_timestamp,$aml_request_id\n';

const folders: string[] = [];

afterAll(async () => {
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
});

/** A new empty folder, removed after the test file. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'azureml-ts-data-'));
  folders.push(folder);
  return folder;
}

/** Writes files at paths of the container. */
export async function writeFiles(directory: string, files: Record<string, string | Uint8Array>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(directory, 'modeldata', name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content);
  }
}

/** Time that stands still, with real timers. */
export function clockAt(time: string): Clock {
  return { ...systemClock, now: () => Date.parse(time) };
}

/** A collector of the stream. */
export function collector(options: ModelDataCollectorOptions): ModelDataCollector {
  const { modelName, ...rest } = stream;
  return new ModelDataCollector(modelName, { ...rest, ...options });
}

/** Everything that an iteration gives. */
export async function all<T>(iterable: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of iterable) {
    items.push(item);
  }
  return items;
}

/** The end of a stored line, behind its features. */
export function call(id: string, time = '2026-03-04T00:00:00.000Z'): string {
  return `${id},,${time},`;
}
