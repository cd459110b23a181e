import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { type Consumer, createConsumer } from '../support/consumer.ts';
import { runNode } from '../support/run.ts';

describe('several copies of @azureml-ts/common in one process', () => {
  let consumer: Consumer;

  beforeAll(async () => {
    consumer = await createConsumer();
    const copy = join('node_modules', '@azureml-ts', 'common');
    cpSync(join(consumer.folder, copy), join(consumer.folder, 'other', copy), { recursive: true });
  }, 120_000);

  afterAll(() => consumer?.remove());

  it('share the request, and know the errors of each other: ESM, CommonJS and a second installation', async () => {
    const file = consumer.write(
      'copies.mjs',
      `
      import { createRequire } from 'node:module';
      const require = createRequire(import.meta.url);
      const other = './other/node_modules/@azureml-ts/common/dist/';
      const copies = {
        esm: await import('@azureml-ts/common'),
        cjs: require('@azureml-ts/common'),
        otherEsm: await import(other + 'index.js'),
        otherCjs: require(other + 'index.cjs'),
      };
      const seen = {};
      for (const [writer, copy] of Object.entries(copies)) {
        const error = new copy.AzuremlError('FAILED', 'Failed.');
        await copy.runWithRequest({ requestId: 'request of ' + writer }, async () => {
          await new Promise((resolve) => setTimeout(resolve, 1));
          for (const [reader, other] of Object.entries(copies)) {
            seen[writer + ' -> ' + reader] = [other.currentRequest()?.requestId, other.isAzuremlError(error)];
          }
        });
      }
      const functions = new Set(Object.values(copies).map((copy) => copy.currentRequest));
      console.log(JSON.stringify({ seen, distinct: functions.size, outside: copies.cjs.currentRequest() ?? null }));
      `,
    );
    const { code, stdout, stderr } = await runNode([file], { cwd: consumer.folder });
    expect(`${code} ${stderr}`).toBe('0 ');
    const { seen, distinct, outside } = JSON.parse(stdout) as {
      seen: Record<string, [string, boolean]>;
      distinct: number;
      outside: unknown;
    };
    // They really are four copies, or the rest would prove nothing.
    expect(distinct).toBe(4);
    expect(Object.keys(seen)).toHaveLength(16);
    for (const [pair, found] of Object.entries(seen)) {
      expect([pair, ...found]).toEqual([pair, `request of ${pair.split(' ')[0]}`, true]);
    }
    expect(outside).toBeNull();
  });
});
