import { appendFile } from 'node:fs/promises';
import path from 'node:path';
import { type BatchesOptions, CollectedData, type Column } from '../../src/index.ts';
import { FOLDER, openLines, record, writeLines } from '../support/json-lines.ts';
import { all, temporaryFolder } from '../support/stream.ts';

const FILE = `${FOLDER}/2026/03/04/05/0f3c.jsonl`;

async function batchesOf(content: string, options: BatchesOptions = {}) {
  const directory = await temporaryFolder();
  await writeLines(directory, { [FILE]: content });
  const batches = await all((await openLines(directory)).batches({ callColumns: false, ...options }));
  return batches.map(({ columns }) => columns.map(plain));
}

function plain(column: Column): [string, string, unknown[]] {
  const values = [...column.values];
  return [column.name, column.type, values.map((value, row) => (column.nulls?.[row] === 1 ? null : value))];
}

describe('batches of JSON Lines', () => {
  it('have the types that the values have in JSON', async () => {
    const content = `${record('[{"i":1,"f":5.0,"big":9007199254740993,"t":"7","b":true,"n":null,"o":{"k":"ü"},"esc":"a\\"b"},{"i":null,"f":6,"big":1,"t":"x","b":false,"n":null,"o":[1],"esc":""}]')}\n`;
    expect(await batchesOf(content)).toEqual([
      [
        ['i', 'int64', [1n, null]],
        ['f', 'float64', [5, 6]],
        ['big', 'int64', [9007199254740993n, 1n]],
        ['t', 'string', ['7', 'x']],
        ['b', 'boolean', [1, 0]],
        ['n', 'string', [null, null]],
        ['o', 'string', ['{"k":"ü"}', '[1]']],
        ['esc', 'string', ['a"b', null]],
      ],
    ]);
  });

  it('begin anew when a record has more columns', async () => {
    const lines = ['{"data":[{"a":1},{"a":2}]}', '{"data":[{"a":3,"b":"x"}]}', '{"data":[{"b":"y"}]}'];
    expect(await batchesOf(`${lines.join('\n')}\n`)).toEqual([
      [['a', 'int64', [1n, 2n]]],
      [
        ['a', 'int64', [3n, null]],
        ['b', 'string', ['x', 'y']],
      ],
    ]);
    expect(await batchesOf(`${lines.join('\n')}\n`, { onSchemaChange: 'merge' })).toEqual([
      [
        ['a', 'int64', [1n, 2n]],
        ['b', 'string', [null, null]],
      ],
      [
        ['a', 'int64', [3n, null]],
        ['b', 'string', ['x', 'y']],
      ],
    ]);
  });

  it('take no text for a number, and declared times also as milliseconds', async () => {
    const filler = '{"data":[{"x":1}]}\n'.repeat(60_000);
    await expect(batchesOf(`${filler}{"data":[{"x":"2"}]}\n`)).rejects.toMatchObject({ code: 'COLUMN_TYPE_CHANGED' });
    const widened = await batchesOf(`${filler}{"data":[{"x":"2"},{"x":3.5}]}\n`, { onTypeChange: 'widen' });
    expect(widened.at(-1)).toEqual([['x', 'string', ['2', '3.5']]]);
    expect(
      await batchesOf('{"data":[{"t":1704164645006,"n":"5"},{"t":"2024-01-02T03:04:05Z","n":null}]}\n', {
        types: { t: 'timestamp', n: 'float64' },
      }),
    ).toEqual([
      [
        ['t', 'timestamp', [1704164645006, Date.parse('2024-01-02T03:04:05Z')]],
        ['n', 'float64', [5, null]],
      ],
    ]);
  });

  it('have the columns of the call', async () => {
    const [batch = []] = await batchesOf(`${record('[{"x":1}]')}\n`, { callColumns: true });
    expect(batch.map(([name, , [value]]) => [name, value])).toEqual([
      ['x', 1n],
      ['$aml_dc_correlation_id', '0c6b0f6e-9a6f-4c0e-8a2e-5a7f7f3f0001'],
      ['$aml_dc_user_correlation_id', null],
      ['$aml_dc_scoring_timestamp', '2026-03-04T05:06:07Z'],
      ['$aml_request_id', '0c6b0f6e-9a6f-4c0e-8a2e-5a7f7f3f0001'],
    ]);
  });
});

describe('the rest of what reads rows', () => {
  it('finds the schema, and how it changed', async () => {
    const directory = await temporaryFolder();
    await writeLines(directory, {
      [FILE]: '{"data":[{"a":1,"b":"x"}]}\n',
      [`${FOLDER}/2026/03/04/06/0f3c.jsonl`]: '{"data":[{"a":1.5}]}\n{"data":[{"a":2,"c":true}]}\n',
    });
    const data = await openLines(directory);
    for (const scan of ['head', 'all'] as const) {
      const { columns, changes } = await data.schema({ scan });
      expect(columns).toEqual([
        { name: 'a', type: 'float64', files: 2 },
        { name: 'b', type: 'string', files: 1 },
        { name: 'c', type: 'boolean', files: 1 },
      ]);
      expect(changes).toEqual([
        {
          path: `${FOLDER}/2026/03/04/06/0f3c.jsonl`,
          added: ['c'],
          removed: ['b'],
          typeChanged: [{ name: 'a', from: 'int64', to: 'float64' }],
        },
      ]);
    }
  });

  it('makes a table of Arrow', async () => {
    const directory = await temporaryFolder();
    await writeLines(directory, { [FILE]: `${record('[{"a":1.0,"b":"é"}]')}\n${record('[{"a":2.5,"c":true}]')}\n` });
    const table = await (await openLines(directory)).toArrow();
    expect(table.numRows).toBe(2);
    expect(table.getChild('a')?.get(1)).toBe(2.5);
    expect(table.getChild('b')?.get(0)).toBe('é');
    expect(table.getChild('c')?.get(0)).toBeNull();
  });

  it('exports, with one schema for all', async () => {
    const directory = await temporaryFolder();
    const target = await temporaryFolder();
    await writeLines(directory, {
      [FILE]: `${record('[{"a":1}]')}\n`,
      [`${FOLDER}/2026/03/05/06/0f3c.jsonl`]: `${record('[{"a":1.5,"c":true}]')}\n`,
    });
    const { manifest } = await (await openLines(directory)).export(target, { format: 'jsonl' });
    expect(manifest.rows).toBe(2);
    expect(manifest.schema.slice(0, 2)).toEqual([
      { name: 'a', type: 'float64' },
      { name: 'c', type: 'boolean' },
    ]);
  });

  it('gives the last rows, and those that come later', async () => {
    const directory = await temporaryFolder();
    const day = new Date().toISOString().slice(0, 10).replaceAll('-', '/');
    const name = `${FOLDER}/${day}/00/a.jsonl`;
    await writeLines(directory, {
      [FILE]: '{"data":[{"x":0}]}\n',
      [name]: '{"data":[{"x":1},{"x":2}]}\n{"data":[{"x":',
    });
    const data = await openLines(directory);
    expect((await all(data.tail({ last: 2 }))).map((row) => row['x'])).toEqual([1, 2]);
    const abort = new AbortController();
    const seen: unknown[] = [];
    const following = data.tail({ last: 1, follow: true, intervalMs: 100, abortSignal: abort.signal });
    await expect(async () => {
      for await (const { x } of following) {
        seen.push(x);
        if (seen.length === 1) {
          await appendFile(path.join(directory, name), '3}]}\n{"data":[{"y":4,"x":5}]}\n');
        }
        if (seen.length === 3) {
          abort.abort(new Error('enough'));
        }
      }
    }).rejects.toThrow('enough');
    expect(seen).toEqual([2, 3, 5]);
  });

  it('reads only the end of a large file for its last rows', async () => {
    const directory = await temporaryFolder();
    const line = (index: number) => `${record(JSON.stringify([{ n: index, text: 'x'.repeat(400) }]))}\n`;
    const lines = Array.from({ length: 10_000 }, (_, index) => line(index));
    await writeLines(directory, { [FILE]: `broken\n${lines.join('')}` });
    const rows = await all((await openLines(directory)).tail({ last: 3 }));
    expect(rows.map((row) => row['n'])).toEqual([9997, 9998, 9999]);
  });

  it('joins inputs with outputs by id and position', async () => {
    const directory = await temporaryFolder();
    const outputs = FILE.replace('model_inputs', 'model_outputs');
    await writeLines(directory, {
      [FILE]: `${record('[{"x":1},{"x":2}]', { correlationid: 'a' })}\n${record('[{"x":3}]', { correlationid: 'b' })}\n`,
      [outputs]: `${record('[{"y":3}]', { correlationid: 'b' })}\n${record('[{"y":1},{"y":2}]', { correlationid: 'a' })}\n`,
    });
    const [inputs, predictions] = await Promise.all([
      openLines(directory),
      openLines(directory, { collectionName: 'model_outputs' }),
    ]);
    const joined = inputs.join(predictions);
    const rows = await all(joined);
    expect(rows.map(({ correlationId, position, left, right }) => [correlationId, position, left, right])).toEqual(
      expect.arrayContaining([
        ['a', 0, { x: 1 }, { y: 1 }],
        ['a', 1, { x: 2 }, { y: 2 }],
        ['b', 0, { x: 3 }, { y: 3 }],
      ]),
    );
    expect(joined.summary).toMatchObject({ matched: 3, leftOnly: 0, rightOnly: 0 });
  });

  it('puts labels to rows, and writes a training set', async () => {
    const directory = await temporaryFolder();
    const target = await temporaryFolder();
    await writeLines(directory, {
      [FILE]: `${record('[{"x":1}]', { correlationid: 'a' })}\n${record('[{"x":2}]', { correlationid: 'b' })}\n`,
    });
    const labelled = (await openLines(directory)).joinLabels(
      [
        { correlationId: 'a', y: 1 },
        { correlationId: 'b', y: 0 },
      ],
      { on: 'correlationId' },
    );
    const set = await labelled.trainingSet(target, { format: 'csv' });
    expect(set.manifest.rows.written).toBe(2);
  });

  it('refuses what its paths do not have', async () => {
    const directory = await temporaryFolder();
    const data = await openLines(directory);
    await expect(data.generate('power-bi')).rejects.toMatchObject({ code: 'NOT_SUPPORTED' });
    expect(await data.versions()).toEqual(['default']);
    expect(data.stream).toMatchObject({ webserviceName: 'ep', modelName: 'blue', designation: 'model_inputs' });
    expect(data).toBeInstanceOf(CollectedData);
  });
});
