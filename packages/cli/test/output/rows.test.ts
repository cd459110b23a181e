import { AzuremlError } from '@azureml-ts/common';
import { writeRows } from '../../src/output/rows.ts';
import type { Row } from '../../src/output/table.ts';
import { RecordedIo } from '../recorded-io.ts';

async function* rowsOf(...rows: Row[]): AsyncGenerator<Row> {
  yield* rows;
}

async function* failing(row: Row | undefined, error: unknown): AsyncGenerator<Row> {
  if (row !== undefined) {
    yield row;
  }
  throw error;
}

const ROWS: Row[] = [
  { name: 'a "b", c', age: 5, at: new Date(0) },
  { name: null, age: 12.5, at: undefined },
];

describe('writeRows', () => {
  it('lays a table out, numbers to the right, without colour outside a terminal', async () => {
    const io = new RecordedIo();
    expect(await writeRows(io, rowsOf(...ROWS), 'table')).toBe(2);
    expect(io.out).toBe('name       age  at\na "b", c     5  1970-01-01T00:00:00.000Z\n          12.5\n');
  });

  it('shows the head in bold in a terminal unless NO_COLOR is set', async () => {
    const bold = new RecordedIo({}, true);
    await writeRows(bold, rowsOf({ a: 1 }), 'table');
    expect(bold.out).toBe('\u001b[1ma\u001b[22m\n1\n');
    const plain = new RecordedIo({ NO_COLOR: '1' }, true);
    await writeRows(plain, rowsOf({ a: 1 }), 'table');
    expect(plain.out).toBe('a\n1\n');
  });

  it('keeps collected text from breaking lines or steering the terminal, and cuts long cells', async () => {
    const io = new RecordedIo({}, true);
    await writeRows(io, rowsOf({ text: 'a\nb\u001b[31mred\u0007', long: 'x'.repeat(100) }), 'table');
    expect(io.out.split('\n')).toHaveLength(3);
    expect(io.out).toContain('a bred ');
    expect(io.out).toContain(`${'x'.repeat(57)}...\n`);
  });

  it('writes JSON with a schema version, with NaN and large integers as texts, also without rows', async () => {
    const io = new RecordedIo();
    await writeRows(io, rowsOf(...ROWS, { age: Number.NaN, id: 2n ** 60n }), 'json');
    expect(JSON.parse(io.out)).toEqual({
      schemaVersion: 1,
      rows: [
        { name: 'a "b", c', age: 5, at: '1970-01-01T00:00:00.000Z' },
        { name: null, age: 12.5 },
        { age: 'NaN', id: '1152921504606846976' },
      ],
    });
    const none = new RecordedIo();
    expect(await writeRows(none, rowsOf(), 'json')).toBe(0);
    expect(JSON.parse(none.out)).toEqual({ schemaVersion: 1, rows: [] });
  });

  it('writes CSV, and ends in an error before it would lose a column', async () => {
    const io = new RecordedIo();
    await writeRows(io, rowsOf(...ROWS, { age: 1 }), 'csv');
    expect(io.out).toBe('name,age,at\n"a ""b"", c",5,1970-01-01T00:00:00.000Z\n,12.5,\n,1,\n');
    const other = writeRows(new RecordedIo(), rowsOf({ a: 1 }, { a: 1, b: 2 }), 'csv');
    await expect(other).rejects.toThrow('Row 2 has the column "b"');
  });

  it.each([
    ['json', '{"schemaVersion":1,"rows":[\n{"a":1}\n],"error":'],
    ['table', 'a\n1\n'],
    ['csv', 'a\n1\n'],
  ] as const)('keeps the rows that came before an error, as %s', async (format, begin) => {
    const io = new RecordedIo();
    const error = new AzuremlError('SERVICE_FAILED', 'no more', {
      statusCode: 503,
      requestId: 'req-1',
      details: { operationId: 'op-1' },
    });
    await expect(writeRows(io, failing({ a: 1 }, error), format)).rejects.toBe(error);
    expect(io.out.startsWith(begin)).toBe(true);
    if (format === 'json') {
      expect(JSON.parse(io.out)).toEqual({
        schemaVersion: 1,
        rows: [{ a: 1 }],
        error: {
          code: 'SERVICE_FAILED',
          message: 'no more',
          statusCode: 503,
          requestId: 'req-1',
          operationId: 'op-1',
        },
      });
    }
  });

  it('prints nothing when the error comes before the first row', async () => {
    const io = new RecordedIo();
    await expect(writeRows(io, failing(undefined, new Error('no row')), 'json')).rejects.toThrow('no row');
    expect(io.out).toBe('');
  });

  it('does not write on after an error of writing', async () => {
    const io = new RecordedIo();
    let writes = 0;
    io.writeOut = () => {
      writes += 1;
      return Promise.reject(new Error('EPIPE'));
    };
    await expect(writeRows(io, rowsOf({ a: 1 }, { a: 2 }), 'json')).rejects.toThrow('EPIPE');
    expect(writes).toBe(1);
  });
});
