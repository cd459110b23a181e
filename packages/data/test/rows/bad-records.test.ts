import { setLogSink } from '@azureml-ts/common';
import { type BadRecord, CollectedData } from '../../src/index.ts';
import { wholeLines } from '../../src/scan/whole-lines.ts';
import { all, call, HEADER, ROOT, stream, temporaryFolder, writeFiles } from '../support/stream.ts';

const PATH = `${ROOT}/2026/03/04/data.csv`;

async function openFile(content: string): Promise<CollectedData> {
  const directory = await temporaryFolder();
  await writeFiles(directory, { [PATH]: content });
  return CollectedData.open({ ...stream, storage: { directory } });
}

/** What is read of one file by rows and by batches, and what was bad. */
async function read(content: string): Promise<{ x: unknown[]; bad: BadRecord[] }> {
  const data = await openFile(content);
  const bad: BadRecord[] = [];
  const rows = await all(data.rows({ onBadRecord: (record) => bad.push(record) }));
  const badOfBatches: BadRecord[] = [];
  const batches = await all(data.batches({ onBadRecord: (record) => badOfBatches.push(record), batchRows: 2 }));
  const x = rows.map((row) => row['x']);
  expect(batches.flatMap(({ columns }) => [...(columns[0]?.values ?? [])].map(Number))).toEqual(x.map(Number));
  expect(badOfBatches).toEqual(bad);
  return { x, bad };
}

const row = (x: string, n: number) => `${x},${call(`a-${n}`)}\n`;

describe('a file with a quote that nobody closes', () => {
  it('is fatal at its place by default, after the rows before it', async () => {
    const data = await openFile(`${HEADER}${row('1', 1)}"2,${call('a-2')}\n${row('3', 3)}`);
    const rows = data.rows();
    expect((await rows.next()).value).toMatchObject({ x: 1 });
    await expect(rows.next()).rejects.toMatchObject({
      code: 'CSV_BAD_RECORD',
      message: expect.stringContaining('a quote that nobody closes'),
      details: { path: PATH, record: 3, byteOffset: HEADER.length + row('1', 1).length },
    });
  });

  it('loses only the rows that cannot be read when bad ones are left out', async () => {
    const torn = `"2,${call('a-2')}\n`;
    const { x, bad } = await read(`${HEADER}${row('1', 1)}${torn}${row('3', 3)}${row('4', 4)}`);
    expect(x).toEqual([1, 3, 4]);
    expect(bad).toHaveLength(1);
    expect(bad[0]).toMatchObject({ byteOffset: HEADER.length + row('1', 1).length });
  });

  it('goes on behind the quote also when a later quote seems to close it', async () => {
    const content = `${HEADER}"2,${call('a-2')}\n${row('3', 3)}4,"a-4",,,\n${row('5', 5)}`;
    const { x, bad } = await read(content);
    expect(x).toEqual([3, 4, 5]);
    expect(bad).toHaveLength(1);
  });

  it('keeps quoted line ends in records that are whole', async () => {
    const data = await openFile(`${HEADER}${row('"a\nb"', 1)}\n${row('"c""\n\n"', 2)}`);
    expect((await all(data.rows())).map((value) => value['x'])).toEqual(['a\nb', 'c"\n\n']);
  });

  it('costs linear work, however the lines behind it are made', () => {
    // Each of these lines opens a quote when it is read from its start, whatever came before.
    const region = Buffer.from('q","\n'.repeat(200_000));
    const indexOf = jest.spyOn(Buffer.prototype, 'indexOf');
    try {
      expect(wholeLines(region, 0, 2)).toBeUndefined();
      expect(indexOf.mock.calls.length).toBeLessThan(200_010);
    } finally {
      indexOf.mockRestore();
    }
  });

  it('tells where the lines that were rescued stand', async () => {
    const bad: BadRecord[] = [];
    const start = `${HEADER}"1,${call('a-1')}\n`;
    const data = await openFile(`${start}many,${call('a-2')}\n`);
    await all(data.rows({ types: { x: 'number' }, onBadRecord: (record) => bad.push(record) }));
    expect(bad.map(({ code, byteOffset, column }) => [code, byteOffset, column])).toEqual([
      ['CSV_BAD_RECORD', HEADER.length, undefined],
      ['CELL_NOT_NUMBER', start.length, 'x'],
    ]);
  });
});

describe('records that are left out', () => {
  it('are counted in the log, and each has its place', async () => {
    const data = await openFile(`${HEADER}${row('1', 1)}short\n${row('x', 2)}`);
    const lines: string[] = [];
    const restore = setLogSink((line) => lines.push(line));
    try {
      expect(await all(data.rows({ types: { x: 'number' }, onBadRecord: 'skip' }))).toHaveLength(1);
      expect(await all(data.batches({ types: { x: 'float64' }, onBadRecord: 'skip' }))).toMatchObject([
        { rowCount: 1 },
      ]);
    } finally {
      restore();
    }
    expect(lines.filter((line) => line.includes('2 bad records of'))).toHaveLength(2);
  });

  it('do not end the reading when there is nothing but them', async () => {
    const bad: BadRecord[] = [];
    const data = await openFile('short\nx\n');
    expect(await all(data.rows({ onBadRecord: (record) => bad.push(record) }))).toEqual([]);
    expect(bad.map(({ record, byteOffset }) => [record, byteOffset])).toEqual([
      [1, 0],
      [2, 6],
    ]);
  });

  it('may be told to a function that throws: its error ends the reading', async () => {
    const data = await openFile(`${HEADER}${row('1', 1)}short\n`);
    const onBadRecord = () => {
      throw new Error('stop');
    };
    await expect(all(data.rows({ onBadRecord }))).rejects.toThrow('stop');
    await expect(all(data.batches({ onBadRecord }))).rejects.toThrow('stop');
  });
});
