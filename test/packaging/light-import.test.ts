import { join } from 'node:path';
import { type Consumer, createConsumer } from '../support/consumer.ts';
import { runNode } from '../support/run.ts';

const PROBE = join(import.meta.dirname, 'fixtures', 'list-loaded.mjs');

/** What a scoring script must not pay for: heavy clients, and packages of ours that it did not ask for. */
const HEAVY = ['@azure/arm-machinelearning', '@azure/identity', 'applicationinsights'];

describe('importing @azureml-ts/monitoring alone', () => {
  let consumer: Consumer;

  beforeAll(async () => {
    consumer = await createConsumer();
    // All of them can be loaded here: a package that looks for one of them would find it.
    for (const name of HEAVY) {
      consumer.plant(name);
    }
  }, 120_000);

  afterAll(() => consumer?.remove());

  /** Names of the packages that a file loads anything of. */
  async function packagesLoadedBy(name: string, text: string): Promise<string[]> {
    const file = consumer.write(name, text);
    const { code, stdout, stderr } = await runNode(['--import', PROBE, file], { cwd: consumer.folder });
    expect(`${code} ${stderr}`).toBe('0 ');
    const urls = JSON.parse(stdout) as string[];
    const names = urls.flatMap((url) => {
      const path = url.split('/node_modules/').at(-1) ?? '';
      return url.includes('/node_modules/') ? [/^(@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? path] : [];
    });
    return [...new Set(names)];
  }

  it.each([
    ['import', 'light.mjs', `import '@azureml-ts/monitoring';`],
    ['require', 'light.cjs', `require('@azureml-ts/monitoring');`],
  ])('by %s loads no other package of ours but common, and no heavy client', async (_, name, text) => {
    const loaded = await packagesLoadedBy(name, text);
    expect(loaded.filter((entry) => entry.startsWith('@azureml-ts/')).sort()).toEqual([
      '@azureml-ts/common',
      '@azureml-ts/monitoring',
    ]);
    expect(loaded.filter((entry) => HEAVY.includes(entry))).toEqual([]);
  });

  it.each([
    ['import', 'heavy.mjs', (name: string) => `await import('${name}');`],
    ['require', 'heavy.cjs', (name: string) => `require('${name}');`],
  ])('would be seen here to load a heavy client by %s', async (_, file, load) => {
    const names = [...HEAVY, '@azureml-ts/insights'];
    const loaded = await packagesLoadedBy(file, ['@azureml-ts/monitoring', ...names].map(load).join('\n'));
    expect(loaded).toEqual(expect.arrayContaining(names));
  });
});
