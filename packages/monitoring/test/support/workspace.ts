import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Where the tests' rows belong. */
export const workspace = { subscriptionId: 'sub', resourceGroup: 'rg', workspaceName: 'ws' };

/** Options that name the stream `sub/rg/ws/svc/best_model/1/<designation>`. */
export const identity = { workspace, webserviceName: 'svc', modelVersion: '1' } as const;

/** The stream that {@link identity} names, for inputs. */
export const stream = { ...identity, modelName: 'best_model', designation: 'inputs' };

const folders: string[] = [];

/** A new empty folder, removed after the test file. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'azureml-ts-monitoring-'));
  folders.push(folder);
  return folder;
}

afterAll(async () => {
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
});

/** Every file below a folder, by its path with slashes. */
export async function filesBelow(folder: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) {
      const file = path.join(entry.parentPath, entry.name);
      files.set(path.relative(folder, file).split(path.sep).join('/'), await readFile(file, 'utf8'));
    }
  }
  return files;
}

/** Every file of rows below a folder: not the ledgers beside them. */
export async function dataFilesBelow(folder: string): Promise<Map<string, string>> {
  const files = await filesBelow(folder);
  return new Map([...files].filter(([name]) => !name.endsWith('/_ledger.jsonl')));
}
