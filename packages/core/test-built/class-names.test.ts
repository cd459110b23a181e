import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const FOLDER = join(import.meta.dirname, '..');

/** Names of what the package exports as functions, as exported and as they call themselves. */
async function functionNames(type: 'module' | 'commonjs', load: string): Promise<[exported: string, own: string][]> {
  const script = `(async () => {
    const core = ${load};
    const functions = Object.entries(core).filter(([, value]) => typeof value === 'function');
    console.log(JSON.stringify(functions.map(([name, value]) => [name, value.name])));
  })();`;
  const args = [`--input-type=${type}`, '--eval', script];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: FOLDER, timeout: 20_000 });
  return JSON.parse(stdout);
}

describe('the classes of @azureml-ts/core', () => {
  it.each([
    ['module', `await import('@azureml-ts/core')`],
    ['commonjs', `require('@azureml-ts/core')`],
  ] as const)('have the names they are exported by, as %s', async (type, load) => {
    const names = await functionNames(type, load);
    expect(names.map(([exported]) => exported)).toEqual(expect.arrayContaining(['OnlineEndpoint', 'AksWebservice']));
    expect(names.filter(([exported, own]) => own !== exported)).toEqual([]);
  });
});
