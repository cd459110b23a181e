import { setLogSink } from '@azureml-ts/common';
import { type BadRecord, CollectedData, type CollectedFile, type RowsOptions } from '../../src/index.ts';
import { readRows } from '../../src/rows/read-rows.ts';
import type { FileStore } from '../../src/store/file-store.ts';
import { all, call, clockAt, collector, HEADER, ROOT, stream, temporaryFolder, writeFiles } from '../support/stream.ts';

async function open(directory: string, range: { from?: string; to?: string } = {}): Promise<CollectedData> {
  return CollectedData.open({ ...stream, storage: { directory }, ...range });
}

/** Rows of one file with this content. */
async function rowsOf(content: string, options: RowsOptions = {}): Promise<object[]> {
  return all((await open(await fileOf(content))).rows(options));
}

async function firstFile(directory: string): Promise<CollectedFile> {
  const [file] = await all((await open(directory)).files());
  if (file === undefined) {
    throw new Error('no file');
  }
  return file;
}

/** A store that only reads. */
const STORE: FileStore = {
  place: 'memory',
  name: 'The memory',
  list: async function* () {},
  folders: () => Promise.resolve(undefined),
  read: async function* () {},
  remove: () => Promise.resolve(false),
  urlOf: (path) => path,
};

async function fileOf(content: string): Promise<string> {
  const directory = await temporaryFolder();
  await writeFiles(directory, { [`${ROOT}/2026/03/04/data.csv`]: content });
  return directory;
}

const X = (value: unknown, id: string) => expect.objectContaining({ x: value, $aml_dc_correlation_id: id });

describe('rows()', () => {
  it('gives back what a collector stored, typed', async () => {
    const directory = await temporaryFolder();
    const inputs = collector({
      storage: { directory },
      featureNames: ['age', 'city', 'member', 'note'],
      clock: clockAt('2026-03-04T05:06:07.890Z'),
    });
    const { correlations } = inputs.collect([[41.5, 'Ulm, "old"\ntown', true, null]], { correlationId: '0815' });
    await inputs.close();
    expect(await all((await open(directory)).rows<{ age: number; city: string }>())).toEqual([
      {
        age: 41.5,
        city: 'Ulm, "old"\ntown',
        member: true,
        note: null,
        $aml_dc_correlation_id: correlations.correlationId,
        $aml_dc_user_correlation_id: '0815',
        $aml_dc_scoring_timestamp: '2026-03-04T05:06:07.890Z',
        $aml_request_id: '',
      },
    ]);
  });

  it('reads the days of the range in order, across the end of the year', async () => {
    const directory = await temporaryFolder();
    for (const day of ['2026-01-02', '2025-12-30', '2025-12-31', '2026-01-01']) {
      const inputs = collector({ storage: { directory }, featureNames: ['x'], clock: clockAt(`${day}T12:00:00Z`) });
      inputs.collect([day]);
      await inputs.close();
    }
    const days = async (from?: string, to?: string) =>
      (await all((await open(directory, { ...(from && { from }), ...(to && { to }) })).rows())).map((row) => row['x']);
    expect(await days()).toEqual(['2025-12-30', '2025-12-31', '2026-01-01', '2026-01-02']);
    expect(await days('2025-12-31', '2026-01-01')).toEqual(['2025-12-31', '2026-01-01']);
    expect(await days('2026-01-01')).toEqual(['2026-01-01', '2026-01-02']);
    expect(await days(undefined, '2025-12-30')).toEqual(['2025-12-30']);
    expect(await days('2027-01-01', '2027-01-02')).toEqual([]);
  });

  it('reads rows of other columns and rows that nobody named', async () => {
    const directory = await temporaryFolder();
    const clock = clockAt('2026-03-04T12:00:00Z');
    for (const names of [['x'], ['x', 'y'], undefined]) {
      const inputs = collector({ storage: { directory }, featureNames: names, clock });
      inputs.collectRow(names?.length === 1 ? [1] : [2, 'two']);
      await inputs.close();
    }
    const rows = await all((await open(directory)).rows());
    expect(rows).toHaveLength(3);
    expect(rows).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ x: 1 }),
        expect.objectContaining({ x: 2, y: 'two' }),
        expect.objectContaining({
          column_1: 2,
          column_2: 'two',
          $aml_dc_scoring_timestamp: '2026-03-04T12:00:00.000Z',
          $aml_request_id: '',
        }),
      ]),
    );
  });

  it('leaves a row that is being written for the next time, in the file of today and in one that grows', async () => {
    const today = new Date().toISOString().slice(0, 10).replaceAll('-', '/');
    const directory = await temporaryFolder();
    await writeFiles(directory, { [`${ROOT}/${today}/data.csv`]: `${HEADER}1,${call('a-1')}\n2,"open` });
    expect(await all((await open(directory)).rows())).toEqual([X(1, 'a-1')]);
    const bytes = Buffer.from(`${HEADER}1,${call('a-1')}\n2,`);
    const grown = { ...(await firstFile(await fileOf(HEADER))), size: bytes.length - 1 };
    const store = {
      ...STORE,
      read: async function* () {
        yield bytes;
      },
    };
    const chunks = await all(readRows(store, [grown], {}));
    expect(chunks.flatMap(({ rows }) => rows)).toEqual([X(1, 'a-1')]);
    expect(await rowsOf('')).toEqual([]);
  });

  it('takes a last row without line end for bad when the day is over', async () => {
    const torn = `${HEADER}1,${call('a-1')}\n2,${call('a-2')}`;
    await expect(rowsOf(torn)).rejects.toMatchObject({
      code: 'CSV_BAD_RECORD',
      message: expect.stringContaining(`${ROOT}/2026/03/04/data.csv ends within a record: record 3 has no line end`),
      details: { record: 3, byteOffset: `${HEADER}1,${call('a-1')}\n`.length },
    });
    const bad: BadRecord[] = [];
    expect(await rowsOf(torn, { onBadRecord: (record) => bad.push(record) })).toEqual([X(1, 'a-1')]);
    expect(bad).toMatchObject([{ path: `${ROOT}/2026/03/04/data.csv`, record: 3, byteOffset: 128 }]);
  });

  it('stops at the limit and does not open the files behind', async () => {
    const directory = await temporaryFolder();
    await writeFiles(directory, {
      [`${ROOT}/2026/03/04/data.csv`]: `${HEADER}1,${call('a-1')}\n2,${call('a-2')}\n`,
      [`${ROOT}/2026/03/05/data.csv`]: 'too,short\n',
    });
    const data = await open(directory);
    expect(await all(data.rows({ limit: 2 }))).toEqual([X(1, 'a-1'), X(2, 'a-2')]);
    expect(await all(data.rows({ limit: 0 }))).toEqual([]);
    await expect(all(data.rows({ limit: 3 }))).rejects.toMatchObject({ code: 'CSV_BAD_RECORD' });
    expect(() => data.rows({ limit: -1 })).toThrow(/limit must be a whole number/);
  });

  it('gives the columns that are asked for, always with those of the call', async () => {
    const content = `a,b,${HEADER.slice(2)}1,2,${call('a-1')}\n`;
    const [row] = await rowsOf(content, { columns: ['b'] });
    expect(Object.keys(row ?? {})).toEqual(['b', ...HEADER.trim().split(',').slice(1)]);
    await expect(rowsOf(content, { columns: ['c'] })).rejects.toMatchObject({
      code: 'COLUMN_NOT_FOUND',
      message: expect.stringContaining('They have: a, b'),
    });
    await expect(rowsOf(content, { types: { c: 'number' } })).rejects.toMatchObject({ code: 'COLUMN_NOT_FOUND' });
  });

  it('leaves texts alone, or reads declared types and says which cell is not of its type', async () => {
    const content = `${HEADER}00123,${call('a-1')}\nmany,${call('a-2')}\n`;
    expect(await rowsOf(`${HEADER}5,${call('a-1')}\n,${call('a-2')}\n`, { types: 'strings' })).toEqual([
      X('5', 'a-1'),
      X('', 'a-2'),
    ]);
    expect(await rowsOf(content)).toEqual([X('00123', 'a-1'), X('many', 'a-2')]);
    await expect(rowsOf(content, { types: { x: 'number' } })).rejects.toMatchObject({
      code: 'CELL_NOT_NUMBER',
      message: expect.stringContaining(
        `The cell "x" in record 3 of ${ROOT}/2026/03/04/data.csv should be a number, but is "many"`,
      ),
      details: { path: `${ROOT}/2026/03/04/data.csv`, record: 3, column: 'x' },
    });
    await expect(rowsOf(content, { types: { x: 'integer' as never } })).rejects.toThrow(/types.x must be one of/);
  });

  it('never shifts a row that has too few or too many cells', async () => {
    const content = `${HEADER}1,${call('a-1')}\n\n2,3,${call('a-2')}\n4\n5,${call('a-5')}\n`;
    await expect(rowsOf(content)).rejects.toMatchObject({
      code: 'CSV_BAD_RECORD',
      message: expect.stringContaining(`Record 4 of ${ROOT}/2026/03/04/data.csv has 6 cells`),
      details: { record: 4 },
    });
    const rows = (await open(await fileOf(content))).rows();
    expect((await rows.next()).value).toEqual(X(1, 'a-1'));
    await expect(rows.next()).rejects.toMatchObject({ code: 'CSV_BAD_RECORD' });
    const bad: BadRecord[] = [];
    expect(await rowsOf(content, { onBadRecord: (record) => bad.push(record) })).toEqual([X(1, 'a-1'), X(5, 'a-5')]);
    expect(bad.map(({ code, record }) => [code, record])).toEqual([
      ['CSV_BAD_RECORD', 4],
      ['CSV_BAD_RECORD', 5],
    ]);
    const lines: string[] = [];
    const restore = setLogSink((line) => lines.push(line));
    try {
      expect(await rowsOf(content, { onBadRecord: 'skip' })).toHaveLength(2);
    } finally {
      restore();
    }
    expect(lines.join()).toContain('2 bad records of');
  });

  it('refuses a header that names a column twice', async () => {
    await expect(rowsOf(`x,${HEADER}1,2,${call('a-1')}\n`)).rejects.toMatchObject({ code: 'CSV_BAD_HEADER' });
  });

  it('keeps a feature that is called __proto__', async () => {
    const [row] = await rowsOf(`__proto__,${HEADER.slice(2)}1,${call('a-1')}\n`);
    expect(Object.entries(row ?? {})[0]).toEqual(['__proto__', 1]);
  });

  it('ends with the reason of the abort signal', async () => {
    const directory = await temporaryFolder();
    await writeFiles(directory, { [`${ROOT}/2026/03/04/data.csv`]: `${HEADER}1,${call('a-1')}\n2,${call('a-2')}\n` });
    const data = await open(directory);
    const controller = new AbortController();
    const rows = data.rows({ abortSignal: controller.signal });
    await rows.next();
    controller.abort(new Error('enough'));
    await expect(rows.next()).rejects.toThrow('enough');
    await expect(all(data.files({ abortSignal: controller.signal }))).rejects.toThrow('enough');
  });
});
