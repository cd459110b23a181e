import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const SOURCES = join(__dirname, '../..');

/** Runs `findServerCommand` as it would run where this package is installed in `folder`. */
function find(folder: string, callerFolder: string): { status: number | null; output: string } {
  const script = `
    import { findServerCommand } from ${JSON.stringify(pathToFileURL(join(folder, 'server-command.ts')).href)};
    try { console.log(findServerCommand(${JSON.stringify(callerFolder)})); }
    catch (error) { console.log(error.code + ' ' + error.message); process.exitCode = 1; }`;
  const hooks = pathToFileURL(join(SOURCES, 'test/fixtures/resolve-sources.mjs')).href;
  const { status, stdout } = spawnSync(process.execPath, ['--import', hooks, '--input-type=module', '-e', script], {
    encoding: 'utf8',
  });
  return { status, output: stdout.trim() };
}

describe('findServerCommand', () => {
  let root: string;
  beforeEach(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), 'server-command-')));
    await mkdir(join(root, 'core'));
    const source = join(SOURCES, 'src/local/server-command.ts');
    await writeFile(join(root, 'core', 'server-command.ts'), await readFile(source, 'utf8'));
  });
  afterEach(() => rm(root, { recursive: true }));

  async function install(folder: string, withCommand = true): Promise<string> {
    const target = join(folder, 'node_modules', '@azureml-ts', 'inference-server');
    await mkdir(target, { recursive: true });
    await writeFile(
      join(target, 'package.json'),
      JSON.stringify({ name: 'x', bin: { 'azureml-ts-inference-server': './main.js' } }),
    );
    if (withCommand) {
      await writeFile(join(target, 'main.js'), '');
    }
    return join(target, 'main.js');
  }

  it('prefers the server installed beside this package, else takes the one of the caller', async () => {
    const ofCaller = await install(join(root, 'caller'));
    expect(find(join(root, 'core'), join(root, 'caller')).output).toBe(ofCaller);

    const beside = await install(join(root, 'core'));
    expect(find(join(root, 'core'), join(root, 'caller')).output).toBe(beside);
  });

  it('says how to install it when it is missing or broken', async () => {
    const missing = find(join(root, 'core'), join(root, 'caller'));
    expect(missing.status).toBe(1);
    expect(missing.output).toMatch(/^INFERENCE_SERVER_NOT_FOUND .*npm install @azureml-ts\/inference-server$/);

    await install(join(root, 'core'), false);
    expect(find(join(root, 'core'), root).output).toMatch(/^INFERENCE_SERVER_NOT_FOUND .*has no command/);
  });
});
