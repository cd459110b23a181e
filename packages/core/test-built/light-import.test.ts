import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const FOLDER = join(import.meta.dirname, '..');
const PROBE = pathToFileURL(join(FOLDER, '../../test/packaging/fixtures/list-loaded.mjs')).href;

/** Modules of Azure's packages that a script loads. */
async function azureModules(type: 'module' | 'commonjs', script: string): Promise<string[]> {
  const args = ['--import', PROBE, `--input-type=${type}`, '--eval', script];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: FOLDER, timeout: 20_000 });
  return (JSON.parse(stdout) as string[]).filter((url) => url.includes('/node_modules/@azure/'));
}

describe('loading @azureml-ts/core', () => {
  it.each([
    ['module', `await import('@azureml-ts/core');`],
    ['commonjs', `require('@azureml-ts/core');`],
  ] as const)('as %s loads nothing of Azure', async (type, script) => {
    expect(await azureModules(type, script)).toEqual([]);
  });

  it('loads the clients of Azure when they are first needed, which would be seen here', async () => {
    const names = "{ subscriptionId: 's', resourceGroup: 'r', workspaceName: 'w' }";
    const loaded = await azureModules(
      'module',
      `const { Workspace } = await import('@azureml-ts/core');
       const credential = { getToken: async () => { throw new Error('no token'); } };
       await new Workspace({ ...${names}, credential }).get().catch(() => undefined);`,
    );
    expect(loaded).toEqual(expect.arrayContaining([expect.stringContaining('/@azure/arm-machinelearning/')]));
    expect(loaded.filter((url) => url.includes('/@azure/identity/'))).toEqual([]);
  });
});
