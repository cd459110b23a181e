import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Where the tests' rows belong. */
export const workspace = { subscriptionId: 'sub', resourceGroup: 'rg', workspaceName: 'ws' };

/** Options that name the stream `sub/rg/ws/svc/best_model/1/<designation>`. */
export const identity = { workspace, webserviceName: 'svc', modelVersion: '1' } as const;

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
