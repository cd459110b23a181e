import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../support/checkout.ts';
import { runCollecting } from './collecting-runner.ts';
import { CollectingStore } from './collecting-store.ts';

const FOLDER = join(ROOT, 'test', 'golden', 'model-data-collector-v1');
type Case = {
  blobs: { path: string; base64: string; content_type: string; blocks: [string, number][] }[];
  calls: { returned: Record<string, unknown> }[];
};

const load = (name: string): Case => JSON.parse(readFileSync(join(FOLDER, `${name}.json`), 'utf8'));

describe('a recording of the Python collector, written with the layout python-v1', () => {
  const store = new CollectingStore();
  afterAll(() => store.close());

  it('is equal, or explained by a rule', async () => {
    expect(await runCollecting(load('list_floats'), store)).toMatchObject({ outcome: 'equal', lines: [] });
    expect(await runCollecting(load('df_two_headers'), store)).toMatchObject({
      outcome: 'explained',
      rules: ['columns-of-their-own'],
    });
    expect(await runCollecting(load('unsupported_series'), store)).toMatchObject({ outcome: 'not run' });
  });

  it.each([
    ['list_basic', (text: string) => text.replace('2.5', '2.50')],
    ['df_strings', (text: string) => text.replaceAll('\n', '\r\n')],
    ['df_two_headers', (text: string) => `${text}9\n`],
    ['featurename_count_mismatch', (text: string) => text.replace('1,2,3', '1,2')],
  ])('fails when the bytes of %s are others', async (name, change) => {
    const recorded = load(name);
    for (const blob of recorded.blobs) {
      blob.base64 = Buffer.from(change(Buffer.from(blob.base64, 'base64').toString())).toString('base64');
    }
    expect(await runCollecting(recorded, store)).toMatchObject({ outcome: 'failed' });
  });

  it('fails when the path, the kind of a block, the content type or a returned value is another one', async () => {
    const moved = load('list_basic');
    const typed = load('list_basic');
    const block = load('list_basic');
    const returned = load('inputs_list');
    for (const [recorded, field] of [
      [moved, { path: 'sub/rg/ws/list_basic/mdl/4/general/2024/03/07/other.csv' }],
      [typed, { content_type: 'text/csv' }],
      [block, { blocks: [['random-guid', 1]] }],
    ] as const) {
      Object.assign(recorded.blobs[0] ?? {}, field);
    }
    const [call] = returned.calls;
    if (call !== undefined) {
      // Another order of the same keys.
      call.returned = Object.fromEntries(Object.entries(call.returned).reverse());
    }
    for (const recorded of [moved, typed, block, returned]) {
      expect(await runCollecting(recorded, store)).toMatchObject({ outcome: 'failed' });
    }
  });
});
