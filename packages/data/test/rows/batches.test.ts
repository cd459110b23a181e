import { encodeRows } from '@azureml-ts/monitoring/format';
import fc from 'fast-check';
import { type BadRecord, type BatchesOptions, CollectedData, type Column, type ColumnBatch } from '../../src/index.ts';
import { all, call, HEADER, ROOT, stream, temporaryFolder, writeFiles } from '../support/stream.ts';

const DAY = `${ROOT}/2026/03/04`;
const CALL_COLUMNS = HEADER.trim().split(',').slice(1);

async function open(files: Record<string, string | Uint8Array>): Promise<CollectedData> {
  const directory = await temporaryFolder();
  await writeFiles(directory, files);
  return CollectedData.open({ ...stream, storage: { directory } });
}

function contentOf(names: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = rows.map((cells, index) => `${cells.join(',')},${call(`a-${index + 1}`)}\n`);
  return `${[...names, ...CALL_COLUMNS].join(',')}\n${lines.join('')}`;
}

/** The batches of one file. */
async function batchesOf(
  names: readonly string[],
  rows: readonly (readonly string[])[],
  options: BatchesOptions = {},
): Promise<ColumnBatch[]> {
  return all((await open({ [`${DAY}/data.csv`]: contentOf(names, rows) })).batches(options));
}

function column(batches: readonly ColumnBatch[], name: string): { type: string | undefined; values: unknown[] } {
  const columns = batches.map((batch) => batch.columns.find((one) => one.name === name) as Column);
  return { type: columns[0]?.type, values: columns.flatMap(valuesOf) };
}

function valuesOf({ values, nulls }: Column): unknown[] {
  return [...values].map((value, row) => (nulls?.[row] === 1 ? null : value));
}

describe('batches()', () => {
  it('gives typed columns, features first, with nulls where there is nothing', async () => {
    const batches = await batchesOf(
      ['f', 'i', 'b', 's', 'n'],
      [
        ['1.5', '7', 'true', 'Ulm', ''],
        ['', '-9007199254740993', 'false', '"a ""b"", ü"', ''],
        ['NaN', '', '', '', ''],
      ],
    );
    expect(batches).toHaveLength(1);
    expect(batches[0]).toMatchObject({ rowCount: 3, file: { path: `${DAY}/data.csv`, day: '2026-03-04' } });
    expect(batches[0]?.columns.map(({ name }) => name)).toEqual(['f', 'i', 'b', 's', 'n', ...CALL_COLUMNS]);
    expect(column(batches, 'f')).toEqual({ type: 'float64', values: [1.5, null, Number.NaN] });
    expect(column(batches, 'i')).toEqual({ type: 'int64', values: [7n, -9007199254740993n, null] });
    expect(column(batches, 'b')).toEqual({ type: 'boolean', values: [1, 0, null] });
    expect(column(batches, 's')).toEqual({ type: 'string', values: ['Ulm', 'a "b", ü', null] });
    expect(column(batches, 'n')).toEqual({ type: 'string', values: [null, null, null] });
    expect(column(batches, '$aml_dc_correlation_id').values).toEqual(['a-1', 'a-2', 'a-3']);
  });

  it('infers as narrow a type as all first rows allow: what is no number by itself stays a text', async () => {
    const batches = await batchesOf(
      ['a', 'b', 'c', 'd', 'e', 'g'],
      [
        ['1', '1', '00123', '1', 'true', '5.0'],
        ['2.5', '9223372036854775808', '1', 'x', '1', '6.0'],
      ],
    );
    const types = ['a', 'b', 'c', 'd', 'e', 'g'].map((name) => column(batches, name).type);
    expect(types).toEqual(['float64', 'string', 'string', 'string', 'string', 'float64']);
    expect(column(batches, 'c').values).toEqual(['00123', '1']);
  });

  it('takes declared types, also those that schema() found, and times as milliseconds', async () => {
    const rows = [['00123', '1.50', '2026-03-04', '12']];
    const types = {
      a: 'int64',
      b: 'float64',
      t: 'timestamp',
      s: 'string',
      $aml_dc_scoring_timestamp: 'timestamp',
    } as const;
    const batches = await batchesOf(['a', 'b', 't', 's'], rows, { types });
    expect(column(batches, 'a').values).toEqual([123n]);
    expect(column(batches, 'b').values).toEqual([1.5]);
    expect(column(batches, 't')).toEqual({ type: 'timestamp', values: [Date.UTC(2026, 2, 4)] });
    expect(column(batches, 's').values).toEqual(['12']);
    expect(column(batches, '$aml_dc_scoring_timestamp').values).toEqual([Date.UTC(2026, 2, 4)]);
    const data = await open({ [`${DAY}/data.csv`]: contentOf(['a'], [['1'], ['2.5']]) });
    const { columns } = await data.schema();
    expect(columns).toEqual([{ name: 'a', type: 'float64', files: 1 }]);
    expect(column(await all(data.batches({ types: columns })), 'a').values).toEqual([1, 2.5]);
    expect(column(await all(data.batches({ types: 'strings' })), 'a').values).toEqual(['1', '2.5']);
  });

  it('says which cell does not fit the inferred type, and what to declare', async () => {
    const rows = Array.from({ length: 200_000 }, (_, index) => [String(index % 100)]);
    rows.push(['1.5'], ['x']);
    const content = contentOf(['n'], rows);
    const data = await open({ [`${DAY}/data.csv`]: content });
    const given: number[] = [];
    const read = async () => {
      for await (const { rowCount } of data.batches()) {
        given.push(rowCount);
      }
    };
    await expect(read()).rejects.toMatchObject({
      code: 'COLUMN_TYPE_CHANGED',
      message: expect.stringMatching(/"n" was inferred to be int64, but in record 200002 of .*it is "1.5".*'float64'/),
      details: { column: 'n', record: 200_002, byteOffset: content.indexOf('\n1.5,') + 1 },
    });
    expect(given.reduce((sum, count) => sum + count, 0)).toBe(200_000);
    const wider = await all(data.batches({ onTypeChange: 'widen' }));
    expect([...new Set(wider.map(({ columns }) => columns[0]?.type))]).toEqual(['int64', 'float64', 'string']);
    expect(wider.reduce((sum, { rowCount }) => sum + rowCount, 0)).toBe(200_002);
    expect(wider.slice(-2).map(({ columns }) => [...(columns[0]?.values ?? [])])).toEqual([[1.5], ['x']]);
  });

  it('leaves out rows with a cell that is not of its declared type, and no other', async () => {
    const rows = Array.from({ length: 50 }, (_, index) => [
      index % 7 === 3 ? 'x' : index % 4 === 1 ? '' : String(index),
      index % 5 === 0 ? 'y' : 'true',
    ]);
    const bad: BadRecord[] = [];
    const types = { n: 'int64', b: 'boolean' } as const;
    const batches = await batchesOf(['n', 'b'], rows, { types, batchRows: 8, onBadRecord: (one) => bad.push(one) });
    const kept = rows.filter(([n, b]) => n !== 'x' && b === 'true').map(([n]) => (n ? BigInt(n) : null));
    expect(column(batches, 'n').values).toEqual(kept);
    expect(bad).toHaveLength(50 - kept.length);
    expect(bad.map(({ record }) => record)).toEqual([...bad.map(({ record }) => record)].sort((a, b) => a - b));
    await expect(batchesOf(['n', 'b'], rows, { types })).rejects.toMatchObject({
      code: 'CELL_NOT_BOOLEAN',
      details: { record: 2 },
    });
  });

  it('gives the rows that were asked for: a limit, columns, without those of the call', async () => {
    const rows = Array.from({ length: 30 }, (_, index) => [String(index), 'x']);
    const batches = await batchesOf(['n', 's'], rows, { batchRows: 8, limit: 20, columns: ['n'], callColumns: false });
    expect(batches.map(({ rowCount }) => rowCount)).toEqual([8, 8, 4]);
    expect(batches[2]?.columns.map(({ name }) => name)).toEqual(['n']);
    await expect(batchesOf(['n'], [['1']], { columns: ['m'] })).rejects.toMatchObject({ code: 'COLUMN_NOT_FOUND' });
    expect(await batchesOf(['n'], [['1']], { limit: 0 })).toEqual([]);
  });

  it('ends a batch early when its texts are long', async () => {
    const long = 'x'.repeat(1_000_000);
    const batches = await batchesOf(
      ['s'],
      Array.from({ length: 40 }, () => [long]),
    );
    expect(batches.length).toBeGreaterThan(1);
    expect(column(batches, 's').values.every((text) => text === long)).toBe(true);
  });

  it('takes the memory of a batch back when it may: what was kept is then empty, never another row', async () => {
    const rows = Array.from({ length: 40 }, (_, index) => [
      String(index + 0.5),
      index % 3 === 0 ? '' : 'true',
      `é${index}`,
    ]);
    const data = await open({
      [`${DAY}/data.csv`]: contentOf(['f', 'b', 's'], rows),
      [`${DAY}/data-2.csv`]: contentOf(['f', 'b', 's'], rows.toReversed()),
    });
    const fresh = await all(data.batches({ batchRows: 16 }));
    const seen: unknown[][] = [];
    const kept: Column[] = [];
    for await (const batch of data.batches({ batchRows: 16, reuse: true })) {
      expect(kept.every((one) => one.type === 'string' || one.values.length === 0)).toBe(true);
      seen.push(batch.columns.map(valuesOf));
      kept.push(...batch.columns);
    }
    expect(seen).toEqual(fresh.map(({ columns }) => columns.map(valuesOf)));
    expect(fresh.every(({ columns, rowCount }) => columns.every(({ values }) => values.length === rowCount))).toBe(
      true,
    );
  });

  it.each<[object, RegExp]>([
    [{ batchRows: 0 }, /batchRows must be a whole number/],
    [{ onTypeChange: 'x' }, /onTypeChange must be/],
    [{ types: { a: 'number' } }, /types.a must be one of float64/],
    [{ types: { $aml_request_id: 'int64' } }, /always a text/],
    [{ callColumns: 1 }, /callColumns must be/],
    [{ reuse: 1 }, /reuse must be/],
    [{ onSchemaChange: 'x' }, /onSchemaChange must be 'merge', 'error' or a function/],
  ])('refuses %j', async (options, message) => {
    const data = await open({ [`${DAY}/data.csv`]: HEADER });
    expect(() => data.batches(options)).toThrow(message);
  });
});

describe('rows and batches', () => {
  const cell = fc.oneof(
    fc.constantFrom('', 'true', 'NaN', '5.0', '-0.0', '00123', 'x,"y"', 'lone \r end', 'two\nlines', 'é😀', '"'),
    fc.string({ unit: 'grapheme', maxLength: 12 }),
    fc.double(),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
  );

  it('give back whatever a collector writes, the same in texts, objects and columns', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(cell, cell, fc.double()), { minLength: 1, maxLength: 12 }), async (given) => {
        const lines = encodeRows(
          given.map((row, index) => [...row, `w-${index + 1}`, '', '2026-03-04T00:00:00.000Z', '']),
        );
        const head = `${['a', 'b', 'd', ...CALL_COLUMNS].join(',')}\n`;
        const data = await open({ [`${DAY}/data.csv`]: Buffer.concat([Buffer.from(head), lines]) });
        const texts = await all(data.rows<Record<string, string>>({ types: 'strings' }));
        const textOf = (value: unknown) => (value === null ? '' : Object.is(value, -0) ? '0' : String(value));
        expect(texts.map(({ a, b, d }) => [a, b, d])).toEqual(given.map((row) => row.map(textOf)));
        const objects = await all(data.rows<{ d: number }>({ types: { d: 'number' } }));
        expect(objects.map(({ d }) => d)).toEqual(given.map(([, , d]) => d + 0));
        const batches = await all(data.batches({ types: { a: 'string', b: 'string', d: 'float64' }, batchRows: 5 }));
        expect(column(batches, 'd').values).toEqual(given.map(([, , d]) => d + 0));
        for (const name of ['a', 'b'] as const) {
          expect(column(batches, name).values).toEqual(texts.map((row) => (row[name] === '' ? null : row[name])));
        }
        const inferred = await all(data.batches());
        for (const name of ['a', 'b']) {
          const { type, values } = column(inferred, name);
          expect(['string', 'float64', 'int64', 'boolean']).toContain(type);
          expect(values).toHaveLength(given.length);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('large whole numbers', () => {
  it('stay exact: in a column of 64 bits, as doubles that JavaScript wrote, or as texts', async () => {
    const batches = await batchesOf(
      ['i', 'f', 's'],
      [
        ['9007199254740993', '12345678901234567000', '9007199254740993'],
        ['-9223372036854775808', '0.5', '0.5'],
      ],
    );
    expect(column(batches, 'i').values).toEqual([9007199254740993n, -9223372036854775808n]);
    expect(column(batches, 'f').values).toEqual([12345678901234567000, 0.5]);
    expect(column(batches, 's').values).toEqual(['9007199254740993', '0.5']);
  });
});
