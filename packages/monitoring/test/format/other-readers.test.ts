import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import type { Cell } from '../../src/format/csv-encode.ts';
import { encodeCalls, encodeRows } from '../../src/format/encode-rows.ts';
import { compileFeatures, type Feature } from '../../src/rows/features.ts';
import { anyNumber, brokenText, hardText } from '../support/cells.ts';
import { findPython, runPython } from '../support/python.ts';

const python = findPython();
const itWithPython = python.version === undefined ? it.skip : it;
const itWithPandas = python.hasPandas ? it : it.skip;

const text = fc.oneof(hardText, brokenText);
/** A file: all lines have the same number of cells, at least two, as every collected row has. */
const anyFile = fc
  .integer({ min: 2, max: 5 })
  .chain((width) => fc.array(fc.array(text, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 6 }));
const manyFiles = fc.array(anyFile, { minLength: 1, maxLength: 300, size: 'max' });

/** What a reader has to find: UTF-8 knows no half of a surrogate pair. */
const readable = (rows: string[][]) => rows.map((row) => row.map((cell) => Buffer.from(cell).toString()));
const asBase64 = (files: string[][][]) => files.map((rows) => encodeRows(rows).toString('base64'));

const READ_WITH_CSV = `
import base64, csv, io, json, sys
print(json.dumps([
    list(csv.reader(io.TextIOWrapper(io.BytesIO(base64.b64decode(file)), "utf-8", newline="")))
    for file in json.load(sys.stdin)
]))`;

const READ_WITH_PANDAS = `
import base64, io, json, sys
import pandas
print(json.dumps([
    pandas.read_csv(io.BytesIO(base64.b64decode(file)), header=None, dtype=str, keep_default_na=False).values.tolist()
    for file in json.load(sys.stdin)
]))`;

describe('the file, in other readers', () => {
  it('gives csv-parse every text back', () => {
    fc.assert(
      fc.property(anyFile, (rows) => {
        expect(parse(encodeRows(rows), { record_delimiter: '\n' })).toEqual(readable(rows));
      }),
      { numRuns: 1_000 },
    );
  });

  itWithPython("gives Python's csv module every text back (needs python3)", () => {
    fc.assert(
      fc.property(manyFiles, (files) => {
        expect(runPython(READ_WITH_CSV, asBase64(files))).toEqual(files.map(readable));
      }),
      { numRuns: 10 },
    );
  });

  itWithPandas('gives pandas every text back (needs pandas)', () => {
    fc.assert(
      fc.property(manyFiles, (files) => {
        expect(runPython(READ_WITH_PANDAS, asBase64(files))).toEqual(files.map(readable));
      }),
      { numRuns: 5 },
    );
  });
});

const FEATURES: Feature[] = [
  { name: 'double', type: 'float64' },
  { name: 'single', type: 'float32' },
  { name: 'long', type: 'int64' },
  { name: 'int', type: 'int32' },
  { name: 'flag', type: 'boolean' },
  { name: 'day', type: 'date' },
  { name: 'time', type: 'timestamp' },
];
const single = fc.float();
const typedRow = fc.tuple(
  anyNumber,
  single,
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.integer(),
  fc.boolean(),
  fc.date({ min: new Date('1700-01-01'), max: new Date('2250-01-01'), noInvalidDate: true }),
  fc.date({ min: new Date('1700-01-01'), max: new Date('2250-01-01'), noInvalidDate: true }),
);

/** A typed file, and what its values are: the bits of floating point numbers, and the rest as text. */
function typedFile(rows: readonly (readonly unknown[])[]): { bytes: string; expected: unknown[][] } {
  const { convert, encoders, storedNames } = compileFeatures(FEATURES, { redactKey: undefined });
  const cells = rows.map((row) => row.map((value, column) => convert[column]?.(value) as Cell));
  const header = encodeRows([[...storedNames, 'correlation', 'user', 'scored', 'request']]);
  const ids = { correlationId: 'c', userCorrelationId: '', scoringTimestamp: 't', requestId: '' };
  const lines = encodeCalls([{ rows: cells, ...ids }], encoders);
  return {
    bytes: Buffer.concat([header, ...lines.pieces]).toString('base64'),
    expected: rows.map((row) => [
      doubleBits(row[0] as number),
      singleBits(row[1] as number),
      String(row[2]),
      String(row[3]),
      String(row[4]),
      (row[5] as Date).toISOString().slice(0, 10),
      (row[6] as Date).toISOString(),
    ]),
  };
}

function doubleBits(value: number): string {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return Number.isNaN(value) ? 'nan' : bytes.toString('hex');
}

function singleBits(value: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatBE(value);
  return Number.isNaN(value) ? 'nan' : bytes.toString('hex');
}

const TYPED_WITH_CSV = `
import base64, csv, io, json, struct, sys
from datetime import date, datetime
def bits(form, value):
    return "nan" if value != value else struct.pack(form, value).hex()
def read(file):
    rows = csv.reader(io.TextIOWrapper(io.BytesIO(base64.b64decode(file)), "utf-8", newline=""))
    next(rows)
    return [[
        bits(">d", float(row[0])), bits(">f", float(row[1])), str(int(row[2])), str(int(row[3])),
        {"true": "true", "false": "false"}[row[4]], date.fromisoformat(row[5]).isoformat(),
        datetime.fromisoformat(row[6].replace("Z", "+00:00")).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    ] for row in rows]
print(json.dumps([read(file) for file in json.load(sys.stdin)]))`;

const TYPED_WITH_PANDAS = `
import base64, io, json, struct, sys
import numpy, pandas
def bits(form, value):
    return "nan" if value != value else struct.pack(form, value).hex()
def read(file):
    table = pandas.read_csv(io.BytesIO(base64.b64decode(file)), float_precision="round_trip",
                            dtype={"single": "float32"}, parse_dates=["day", "time"])
    kinds = [str(kind) for kind in table.dtypes[:5]]
    assert kinds == ["float64", "float32", "int64", "int64", "bool"], kinds
    return [[
        bits(">d", row.double), bits(">f", row.single), str(row.long), str(row.int), str(row.flag).lower(),
        row.day.date().isoformat(), row.time.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    ] for row in table.itertuples()]
print(json.dumps([read(file) for file in json.load(sys.stdin)]))`;

describe('typed columns, in Python', () => {
  const typedFiles = fc.array(fc.array(typedRow, { minLength: 1, maxLength: 40, size: 'max' }), {
    minLength: 1,
    maxLength: 40,
    size: 'max',
  });
  const check = (script: string) => (files: readonly (readonly unknown[])[][]) => {
    const written = files.map(typedFile);
    const found = runPython(
      script,
      written.map(({ bytes }) => bytes),
    );
    expect(found).toEqual(written.map(({ expected }) => expected));
  };

  itWithPython("are the same bits, integers, days and times for Python's csv module (needs python3)", () => {
    fc.assert(fc.property(typedFiles, check(TYPED_WITH_CSV)), { numRuns: 10 });
  });

  itWithPandas('have their types for pandas without being told, and the same values (needs pandas)', () => {
    fc.assert(fc.property(typedFiles, check(TYPED_WITH_PANDAS)), { numRuns: 5 });
  });
});
