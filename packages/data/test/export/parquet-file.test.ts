import { zstdDecompressSync } from 'node:zlib';
import fc from 'fast-check';
import { type FileMetaData, parquetMetadata, parquetReadObjects } from 'hyparquet';
import type { ColumnRows } from '../../src/export/column-schema.ts';
import { loadParquet } from '../../src/export/load-parquet.ts';
import { type ParquetFileOptions, writeParquet } from '../../src/export/parquet-file.ts';
import type { Column } from '../../src/rows/column-batch.ts';

async function* from(batches: readonly ColumnRows[]): AsyncGenerator<ColumnRows> {
  yield* batches;
}

async function write(batches: readonly ColumnRows[], options?: ParquetFileOptions): Promise<ArrayBuffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of writeParquet(from(batches), options)) {
    pieces.push(piece);
  }
  const bytes = Buffer.concat(pieces);
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
}

function metadataOf(file: ArrayBuffer): FileMetaData {
  return parquetMetadata(file);
}

function rowsOf(file: ArrayBuffer): Promise<Record<string, unknown>[]> {
  return parquetReadObjects({ file, compressors: { ZSTD: (input) => zstdDecompressSync(input) } });
}

function batch(...columns: Column[]): ColumnRows {
  return { rowCount: columns[0]?.values.length ?? 0, columns };
}

const doubles = (name: string, ...values: number[]): Column => ({
  name,
  type: 'float64',
  values: Float64Array.from(values),
});
const texts = (name: string, ...values: (string | null)[]): Column => ({ name, type: 'string', values });

const ROWS = [0, 1, 2, 3, 4];
const everything: ColumnRows = {
  rowCount: 5,
  columns: [
    { name: 'f', type: 'float64', values: Float64Array.of(1.5, -0, Number.NaN, Number.POSITIVE_INFINITY, 5e-324) },
    {
      name: 'i',
      type: 'int64',
      values: BigInt64Array.of(0n, 9223372036854775807n, -9223372036854775808n, 9007199254740993n, -1n),
    },
    { name: 'b', type: 'boolean', values: Uint8Array.of(1, 0, 1, 0, 0), nulls: Uint8Array.of(0, 0, 0, 0, 1) },
    {
      name: 't',
      type: 'timestamp',
      values: Float64Array.of(0, -1, 253402300799999, -62135596800000, Number.NaN),
      nulls: Uint8Array.of(0, 0, 0, 0, 1),
    },
    { name: 's', type: 'string', values: ['', 'Düsseldorf', '日本\u{1f600}', null, '\u0000"\r\n,'] },
  ],
};

describe('a Parquet file', () => {
  it('keeps every type with its extremes, and nulls', async () => {
    const file = await write([everything]);
    const rows = await rowsOf(file);
    expect(rows.map(({ f }) => f)).toEqual([1.5, -0, Number.NaN, Number.POSITIVE_INFINITY, 5e-324]);
    expect(Object.is(rows[1]?.['f'], -0)).toBe(true);
    expect(rows.map(({ i }) => i)).toEqual([0n, 2n ** 63n - 1n, -(2n ** 63n), 9007199254740993n, -1n]);
    expect(rows.map(({ b }) => b)).toEqual([true, false, true, false, null]);
    expect(rows.map(({ t }) => (t instanceof Date ? t.getTime() : t))).toEqual([
      0,
      -1,
      253402300799999,
      -62135596800000,
      null,
    ]);
    expect(rows.map(({ s }) => s)).toEqual(['', 'Düsseldorf', '日本\u{1f600}', null, '\u0000"\r\n,']);
  });

  it('says what its columns are: UTF-8 texts, and UTC milliseconds', async () => {
    const { schema, num_rows, created_by } = metadataOf(await write([everything]));
    expect(num_rows).toBe(5n);
    expect(created_by).toBe('azureml-ts');
    expect(schema.slice(1).map(({ name, type, logical_type }) => [name, type, logical_type])).toEqual([
      ['f', 'DOUBLE', undefined],
      ['i', 'INT64', undefined],
      ['b', 'BOOLEAN', undefined],
      ['t', 'INT64', { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' }],
      ['s', 'BYTE_ARRAY', { type: 'STRING' }],
    ]);
    expect(schema.slice(1).every(({ repetition_type }) => repetition_type === 'OPTIONAL')).toBe(true);
  });

  it.each(['zstd', 'snappy', 'none'] as const)('is compressed as asked: %s', async (compression) => {
    const file = await write([batch(texts('x', 'a', 'b'))], { compression });
    const codec = { zstd: 'ZSTD', snappy: 'SNAPPY', none: 'UNCOMPRESSED' }[compression];
    expect(metadataOf(file).row_groups[0]?.columns[0]?.meta_data?.codec).toBe(codec);
    expect(await rowsOf(file)).toEqual([{ x: 'a' }, { x: 'b' }]);
  });

  it('has row groups of the size that was asked for, and the texts that were given', async () => {
    const batches = ROWS.map((at) => batch(doubles('x', at, at + 0.5)));
    const file = await write(batches, { rowGroupRows: 4, metadata: { 'azureml-ts': '{"a":"ü"}' } });
    const { row_groups, key_value_metadata } = metadataOf(file);
    expect(row_groups.map(({ num_rows }) => num_rows)).toEqual([4n, 4n, 2n]);
    expect(key_value_metadata).toContainEqual({ key: 'azureml-ts', value: '{"a":"ü"}' });
    expect((await rowsOf(file)).map(({ x }) => x)).toEqual([0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5]);
  });

  it('can have no rows', async () => {
    for (const batches of [[], [batch(texts('s'))]]) {
      const file = await write(batches, {
        schema: [
          { name: 's', type: 'string' },
          { name: 'x', type: 'float64' },
        ],
      });
      const { schema, num_rows } = metadataOf(file);
      expect(num_rows).toBe(0n);
      expect(schema.slice(1).map(({ name }) => name)).toEqual(['s', 'x']);
      expect(await rowsOf(file)).toEqual([]);
    }
    await expect(write([])).rejects.toMatchObject({ code: 'PARQUET_NO_COLUMNS' });
  });

  it('has nulls where a batch lacks a column, and columns in the order of the schema', async () => {
    const schema = [
      { name: 'a', type: 'float64' },
      { name: 'b', type: 'string' },
    ] as const;
    const file = await write([batch(texts('b', 'x')), batch(doubles('a', 1), texts('b', null))], { schema });
    const rows = await rowsOf(file);
    expect(rows).toEqual([
      { a: null, b: 'x' },
      { a: 1, b: null },
    ]);
    expect(Object.keys(rows[0] ?? {})).toEqual(['a', 'b']);
  });

  it('takes names with dots, spaces and dollars for one column each', async () => {
    const repeated = Array.from({ length: 100 }, (_, at) => (at % 2 === 0 ? 'u' : 'v'));
    const names = ['a.b', 'a', '$aml_dc_correlation_id', 'größe in m', '__proto__x'];
    const file = await write([batch(...names.map((name) => texts(name, ...repeated)))]);
    const { row_groups } = metadataOf(file);
    expect(row_groups[0]?.columns.map(({ meta_data }) => meta_data?.path_in_schema)).toEqual(
      names.map((name) => [name]),
    );
    // Few values that repeat are worth a dictionary, also of a column with a dot in its name.
    expect(row_groups[0]?.columns.every(({ meta_data }) => meta_data?.dictionary_page_offset !== undefined)).toBe(true);
  });

  it('refuses rows that do not fit its columns', async () => {
    await expect(write([batch(doubles('x', 1)), batch(texts('x', 'a'))])).rejects.toMatchObject({
      code: 'COLUMN_TYPE_MISMATCH',
      details: { column: 'x', type: 'string', expected: 'float64' },
    });
    await expect(write([batch(doubles('x', 1)), batch(doubles('y', 1))])).rejects.toMatchObject({
      code: 'COLUMN_NOT_FOUND',
      details: { column: 'y' },
    });
    await expect(
      write([batch({ name: 't', type: 'timestamp', values: Float64Array.of(Number.NaN) })]),
    ).rejects.toMatchObject({ code: 'COLUMN_TYPE_MISMATCH' });
  });

  it.each([
    ['compression', { compression: 'gzip' }],
    ['rowGroupRows', { rowGroupRows: 0 }],
  ])('refuses a wrong %s', async (path, options) => {
    await expect(write([everything], options as ParquetFileOptions)).rejects.toMatchObject({
      code: 'VALIDATION',
      message: expect.stringContaining(path),
    });
  });

  it('is never given whole when its rows end with an error, at whichever batch', async () => {
    const large = batch(doubles('x', ...Array.from({ length: 9000 }, (_, at) => at)));
    for (let good = 0; good < 4; good += 1) {
      async function* failing(): AsyncGenerator<ColumnRows> {
        for (let at = 0; at < good; at += 1) {
          yield large;
        }
        throw new Error('the rows broke');
      }
      const pieces: Uint8Array[] = [];
      const writing = (async () => {
        for await (const piece of writeParquet(failing(), { rowGroupRows: 9000 })) {
          pieces.push(piece);
        }
      })();
      await expect(writing).rejects.toThrow('the rows broke');
      // What came before the failure has no footer.
      expect(Buffer.concat(pieces).subarray(1).includes('PAR1')).toBe(false);
    }
  });

  it('ends the reading of its rows when nobody takes more pieces', async () => {
    let read = 0;
    let isClosed = false;
    async function* endless(): AsyncGenerator<ColumnRows> {
      try {
        for (;;) {
          read += 1;
          yield batch(doubles('x', ...Array.from({ length: 5000 }, (_, at) => at + Math.sqrt(read))));
        }
      } finally {
        isClosed = true;
      }
    }
    for await (const piece of writeParquet(endless(), { rowGroupRows: 10_000 })) {
      if (piece.length > 10_000) {
        break;
      }
    }
    expect(isClosed).toBe(true);
    // Rows are read as pieces are taken: one row group, and what is on its way to the next.
    expect(read).toBeLessThan(12);
  });

  it('says what to install', async () => {
    const load = () => Promise.reject(new Error("Cannot find package 'parquet-wasm'"));
    await expect(loadParquet(load)).rejects.toMatchObject({
      code: 'PARQUET_NOT_INSTALLED',
      message: expect.stringContaining('npm install parquet-wasm apache-arrow'),
    });
  });

  it('gives back whatever rows it was given', async () => {
    const value = {
      float64: fc.double(),
      int64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      boolean: fc.boolean(),
      timestamp: fc.integer({ min: -62135596800000, max: 253402300799999 }),
      string: fc.string({ unit: 'grapheme', maxLength: 12 }),
    };
    const names = Object.keys(value) as (keyof typeof value)[];
    const row = fc.record(
      Object.fromEntries(names.map((name) => [name, fc.option(value[name] as fc.Arbitrary<unknown>, { freq: 4 })])),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(row, { maxLength: 300 }), { maxLength: 4 }),
        fc.integer({ min: 1, max: 400 }),
        async (groups, rowGroupRows) => {
          const batches = groups.map((rows) => ({
            rowCount: rows.length,
            columns: names.map((name) =>
              columnOf(
                name,
                rows.map((one) => one[name]),
              ),
            ),
          }));
          const schema = names.map((name) => ({ name, type: name }));
          const read = await rowsOf(await write(batches, { schema, rowGroupRows }));
          expect(
            read.map((one) => ({ ...one, timestamp: (one['timestamp'] as Date | null)?.getTime() ?? null })),
          ).toEqual(groups.flat().map((one) => ({ ...one })));
        },
      ),
      { numRuns: 60 },
    );
  });
});

function columnOf(type: Column['type'], values: readonly unknown[]): Column {
  if (type === 'string') {
    return { name: type, type, values: values as (string | null)[] };
  }
  const nulls = Uint8Array.from(values, (value) => (value === null ? 1 : 0));
  const filled = values.map((value) => value ?? (type === 'int64' ? 0n : 0));
  switch (type) {
    case 'int64':
      return { name: type, type, nulls, values: BigInt64Array.from(filled as bigint[]) };
    case 'boolean':
      return { name: type, type, nulls, values: Uint8Array.from(filled, Number) };
    default:
      return { name: type, type, nulls, values: Float64Array.from(filled as number[]) };
  }
}
