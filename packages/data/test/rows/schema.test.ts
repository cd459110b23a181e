import { type Table, tableFromIPC, tableToIPC } from 'apache-arrow';
import { CollectedData, type SchemaChange } from '../../src/index.ts';
import { all, call, HEADER, ROOT, stream, temporaryFolder, writeFiles } from '../support/stream.ts';

const CALL = HEADER.slice(2);
const ROWS = {
  [`${ROOT}/2026/03/04/data.csv`]: `x,y,${CALL}1,a,${call('a-1')}\n2,,${call('a-2')}\n`,
  [`${ROOT}/2026/03/05/data.csv`]: `x,${CALL}`,
  [`${ROOT}/2026/03/06/data.csv`]: `x,z,${CALL}1.5,true,${call('a-3')}\n`,
};
const PATHS = Object.keys(ROWS);

async function open(files: Record<string, string> = ROWS): Promise<CollectedData> {
  const directory = await temporaryFolder();
  await writeFiles(directory, files);
  return CollectedData.open({ ...stream, storage: { directory } });
}

describe('schema()', () => {
  it('tells the features with their types, and what changed from file to file', async () => {
    expect(await (await open()).schema()).toEqual({
      columns: [
        { name: 'x', type: 'float64', files: 3 },
        { name: 'y', type: 'string', files: 1 },
        { name: 'z', type: 'boolean', files: 1 },
      ],
      changes: [
        { path: PATHS[1], added: [], removed: ['y'] },
        { path: PATHS[2], added: ['z'], removed: [] },
      ],
    });
  });

  it('tells that a type changed, and finds with `all` what the beginning of a file does not show', async () => {
    const first = `x,${CALL}${Array.from({ length: 3000 }, (_, index) => `${index},${call('a-1')}\n`).join('')}`;
    const data = await open({
      [PATHS[0] ?? '']: `${first}many,${call('a-2')}\n`,
      [PATHS[1] ?? '']: `x,${CALL}1.5,${call('a-3')}\n`,
    });
    const head = await data.schema();
    expect(head.columns).toEqual([{ name: 'x', type: 'float64', files: 2 }]);
    expect(head.changes).toEqual([
      { path: PATHS[1], added: [], removed: [], typeChanged: [{ name: 'x', from: 'int64', to: 'float64' }] },
    ]);
    expect((await data.schema({ scan: 'all' })).columns).toEqual([{ name: 'x', type: 'string', files: 2 }]);
  });
});

describe('whole numbers that no double holds', () => {
  it('make a column with fractions a text, also when these are in another file', async () => {
    const type = async (files: Record<string, string>) => (await (await open(files)).schema()).columns[0]?.type;
    const [large, half] = [`9007199254740993,${call('a-1')}\n`, `1.5,${call('a-2')}\n`];
    const [first = '', second = ''] = PATHS;
    expect(await type({ [first]: `x,${CALL}${large}${half}` })).toBe('string');
    expect(await type({ [first]: `x,${CALL}${large}`, [second]: `x,${CALL}${half}` })).toBe('string');
    expect(await type({ [first]: `x,${CALL}${half}`, [second]: `x,${CALL}${large}` })).toBe('string');
  });
});

describe('a header within a file', () => {
  it('that has other columns ends the reading: rows behind it would get wrong names', async () => {
    for (const other of ['y,x', 'x,z', 'x', 'x,y,z']) {
      const data = await open({
        [PATHS[0] ?? '']: `x,y,${CALL}1,2,${call('a-1')}\n${other},${CALL}3,4,${call('a-2')}\n`,
      });
      const read: unknown[] = [];
      const reading = (async () => {
        for await (const row of data.rows({ onBadRecord: 'skip' })) {
          read.push(row['x']);
        }
      })();
      await expect(reading).rejects.toMatchObject({ code: 'CSV_BAD_HEADER', details: { record: 3 } });
      expect(read).toEqual([1]);
    }
  });

  it('that is the same once more is passed over', async () => {
    const data = await open({ [PATHS[0] ?? '']: `x,${CALL}1,${call('a-1')}\nx,${CALL}2,${call('a-2')}\n` });
    expect((await all(data.rows())).map(({ x }) => x)).toEqual([1, 2]);
  });
});

describe('a schema that changes', () => {
  it('is left as it is by default: each row and batch has the columns of its file', async () => {
    const data = await open();
    expect((await all(data.rows())).map((row) => Object.keys(row).filter((name) => !name.startsWith('$')))).toEqual([
      ['x', 'y'],
      ['x', 'y'],
      ['x', 'z'],
    ]);
    expect(
      (await all(data.batches({ callColumns: false }))).map(({ columns }) => columns.map(({ name }) => name)),
    ).toEqual([
      ['x', 'y'],
      ['x', 'z'],
    ]);
  });

  it('is merged: all columns everywhere, of one type', async () => {
    const data = await open();
    const rows = await all(data.rows<{ x: number; y: string | null; z: boolean | null }>({ onSchemaChange: 'merge' }));
    expect(rows.map(({ x, y, z }) => [x, y, z])).toEqual([
      [1, 'a', null],
      [2, null, null],
      [1.5, null, true],
    ]);
    const batches = await all(data.batches({ onSchemaChange: 'merge', callColumns: false }));
    expect(batches.map(({ columns }) => columns.map(({ name, type }) => `${name} ${type}`))).toEqual([
      ['x float64', 'y string', 'z boolean'],
      ['x float64', 'y string', 'z boolean'],
    ]);
    expect(batches[0]?.columns[2]?.nulls).toEqual(new Uint8Array([1, 1]));
  });

  it('is an error, or told of, before the first row that has it', async () => {
    const data = await open();
    for (const read of [data.rows({ onSchemaChange: 'error' }), data.batches({ onSchemaChange: 'error' })]) {
      await expect(all<unknown>(read)).rejects.toMatchObject({
        code: 'SCHEMA_CHANGED',
        message: expect.stringContaining(`change with ${PATHS[1]}: it lacks "y"`),
      });
    }
    const changes: SchemaChange[] = [];
    await all(data.rows({ onSchemaChange: (change) => changes.push(change) }));
    expect(changes).toEqual([
      { path: PATHS[1], added: [], removed: ['y'] },
      { path: PATHS[2], added: ['z'], removed: [] },
    ]);
  });
});

describe('toArrow()', () => {
  it('gives one table of all rows, that other programs read', async () => {
    const table = await (await open()).toArrow<Table>();
    const read = tableFromIPC(tableToIPC(table, 'stream'));
    expect(read.schema.fields.map(({ name, type }) => `${name} ${type}`).slice(0, 3)).toEqual([
      'x Float64',
      'y Utf8',
      'z Bool',
    ]);
    expect(read.toArray().map(({ x, y, z, $aml_dc_correlation_id: id }) => [x, y, z, id])).toEqual([
      [1, 'a', null, 'a-1'],
      [2, null, null, 'a-2'],
      [1.5, null, true, 'a-3'],
    ]);
  });

  it('takes the numbers as they were read', async () => {
    const rows = Array.from({ length: 5000 }, (_, index) => `${index + 0.5},${call('a-1')}\n`).join('');
    const data = await open({ [PATHS[0] ?? '']: `${HEADER}${rows}` });
    const table = await data.toArrow<Table>({ types: { $aml_dc_scoring_timestamp: 'timestamp' } });
    expect(table.batches).toHaveLength(1);
    const values = table.getChild('x')?.data[0]?.values as Float64Array;
    expect(values.buffer.byteLength).toBe(5000 * 8);
    expect(table.getChild('$aml_dc_scoring_timestamp')?.get(4999)).toBe(Date.parse('2026-03-04T00:00:00.000Z'));
  });

  it('widens a type when it may, by reading from the start: texts stay those of the file', async () => {
    const rows = Array.from({ length: 60_000 }, (_, index) => `${index}.0,${call('a-1')}\n`).join('');
    const data = await open({ [PATHS[0] ?? '']: `${HEADER}${rows}many,${call('a-2')}\n` });
    await expect(data.toArrow()).rejects.toMatchObject({ code: 'COLUMN_TYPE_CHANGED' });
    const x = (await data.toArrow({ onTypeChange: 'widen' })).getChild('x');
    expect([x?.get(7), x?.get(60_000)]).toEqual(['7.0', 'many']);
    expect(() => data.arrowBatches({ onTypeChange: 'widen' })).toThrow(/all batches of a stream have one schema/);
    expect(await all(data.arrowBatches({ types: { x: 'string' }, limit: 10 }))).toMatchObject([{ numRows: 10 }]);
  });

  it('is empty when there are no rows', async () => {
    const table = await (await open({ [PATHS[0] ?? '']: HEADER })).toArrow();
    expect(table.numRows).toBe(0);
  });
});
