import { join } from 'node:path';
import { ROOT } from '../support/checkout.ts';
import { type Consumer, createConsumer } from '../support/consumer.ts';
import { PACKAGES } from '../support/packages.ts';
import { run, runNode } from '../support/run.ts';

const specifiers = PACKAGES.flatMap((entry) => entry.specifiers);

/** Node 24, and another version when AZUREML_TS_OTHER_NODE names its executable. */
const nodes = [process.execPath, process.env['AZUREML_TS_OTHER_NODE'] ?? ''].filter((file) => file !== '');

describe('a project that installed the packages', () => {
  let consumer: Consumer;

  beforeAll(async () => {
    consumer = await createConsumer();
  }, 120_000);

  afterAll(() => consumer?.remove());

  /** The names that a module exports, loaded by `import` or by `require`. */
  async function exportsOf(node: string, specifier: string, format: 'mjs' | 'cjs'): Promise<string[]> {
    const load =
      format === 'mjs' ? `const loaded = await import('${specifier}');` : `const loaded = require('${specifier}');`;
    const file = consumer.write(
      `load-${specifier.replaceAll(/\W/g, '-')}.${format}`,
      `${load}\nconsole.log(JSON.stringify(Object.keys(loaded)));\n`,
    );
    const { code, stdout, stderr } = await run(node, [file], { cwd: consumer.folder });
    expect(`${code} ${stderr}`).toBe('0 ');
    return (JSON.parse(stdout) as string[]).sort();
  }

  describe.each(nodes)('under %s', (node) => {
    it.each(specifiers)('gets the same names of %s by import and by require', async (specifier) => {
      const imported = await exportsOf(node, specifier, 'mjs');
      expect(imported).not.toEqual([]);
      expect(await exportsOf(node, specifier, 'cjs')).toEqual(imported);
    });
  });

  it('compiles against the types, as an ES module and as CommonJS', async () => {
    const lines = (load: (specifier: string, index: number) => string) =>
      specifiers.flatMap((specifier, index) => [
        load(specifier, index),
        // A module whose types were not found would be `any`, and any name would pass.
        `export const known${index}: 0 extends 1 & typeof entry${index} ? never : true = true;`,
      ]);
    consumer.write('all.ts', lines((name, index) => `import * as entry${index} from '${name}';`).join('\n'));
    consumer.write('all.cts', lines((name, index) => `import entry${index} = require('${name}');`).join('\n'));
    consumer.write(
      'tsconfig.json',
      JSON.stringify({
        compilerOptions: {
          target: 'es2023',
          lib: ['es2023', 'esnext.disposable'],
          module: 'nodenext',
          strict: true,
          exactOptionalPropertyTypes: true,
          types: ['node'],
          noEmit: true,
          // Our own declarations are checked too; those of others are not ours to judge, and are left out below.
          skipLibCheck: false,
        },
        files: ['all.ts', 'all.cts'],
      }),
    );
    const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
    const { stdout } = await runNode([tsc, '-p', consumer.folder, '--pretty', 'false', '--listFiles'], {
      cwd: consumer.folder,
      timeoutMs: 120_000,
    });
    const ours = stdout
      .split('\n')
      .filter((line) => line.includes('error TS'))
      .filter((line) => /^(all\.c?ts|node_modules\/@azureml-ts\/[^/]+\/dist\/.*|error TS.*)/.test(line));
    expect(ours).toEqual([]);
    expect(stdout).toContain('node_modules/@azureml-ts/common/dist/index.d.ts');
    expect(stdout).toContain('node_modules/@azureml-ts/common/dist/index.d.cts');
  }, 120_000);
});
