import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DeploymentFileError } from '../../src/index.ts';
import { readDeploymentFile } from '../../src/index.ts';

/** A folder with a deployment file and what it names; `remove()` takes it away. */
export async function fileFolder() {
  const folder = await mkdtemp(join(tmpdir(), 'deployment-'));
  await mkdir(join(folder, 'src'));
  await writeFile(join(folder, 'src', 'score.mjs'), 'export const run = (body) => JSON.parse(body).data.length;\n');
  await writeFile(join(folder, 'model.json'), '{"weight":2}\n');
  const file = join(folder, 'deployment.yml');
  return {
    folder,
    file,
    /** Reads a text as a deployment file. */
    read: async (text: string, env: Record<string, string> = {}) => {
      await writeFile(file, text);
      return readDeploymentFile(file, { env });
    },
    /** The faults of a text, as `line path message`. */
    faults: async (text: string, env: Record<string, string> = {}) => {
      await writeFile(file, text);
      const error: unknown = await readDeploymentFile(file, { env }).then(
        () => undefined,
        (failure: unknown) => failure,
      );
      return ((error as DeploymentFileError | undefined)?.faults ?? []).map(
        ({ line, path, message }) => `${line ?? '-'} ${path} ${message}`,
      );
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
