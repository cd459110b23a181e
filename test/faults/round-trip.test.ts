import path from 'node:path';
import { CollectedData } from '@azureml-ts/data';
import { CORRELATION_COLUMNS, type FeatureValue, ModelDataCollector } from '@azureml-ts/monitoring';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { anyCell } from '../../packages/monitoring/test/support/cells.ts';
import { newFolder } from './support/folders.ts';
import { HAS_PYTHON, PythonCsv } from './support/python-csv.ts';
import { textsBelow } from './support/texts-below.ts';
import './support/quiet.ts';
import { identityOf } from './support/stores.ts';

const NAMES = ['x', 'second, name', 'with "quotes"\nand more'];

/** Text of a cell, said in the simplest way. */
function textOf(value: FeatureValue): string {
  if (value === null || value === undefined) {
    return '';
  }
  if (value instanceof Date) {
    return Number.isNaN(value.getTime()) ? '' : value.toISOString();
  }
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  // Half a character has no UTF-8.
  return text.replaceAll(/\p{Surrogate}/gu, '\ufffd');
}

const nested: fc.Arbitrary<FeatureValue> = fc
  .oneof(fc.array(fc.jsonValue({ maxDepth: 2 })), fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 1 })))
  .map((value) => value as object);
const cell: fc.Arbitrary<FeatureValue> = fc.oneof({ weight: 5, arbitrary: anyCell }, { weight: 1, arbitrary: nested });
const id = fc.option(fc.oneof(fc.constantFrom('loan-1', 'a,b', '"', 'ü🐈'), fc.uuid()), { nil: undefined });

/** Stores rows in a folder, and gives its one file. */
async function store(calls: readonly { rows: FeatureValue[][]; correlationId: string | undefined }[]) {
  const directory = newFolder();
  const stream = { ...identityOf('trip'), designation: 'inputs', storage: { directory } };
  const collector = new ModelDataCollector('best_model', { ...stream, featureNames: NAMES, journal: false });
  for (const { rows, correlationId } of calls) {
    collector.collectRows(rows, { correlationId });
  }
  await collector.close();
  const [[name, text] = ['', '']] = await textsBelow(path.join(directory, 'modeldata'), '.csv');
  return { stream, text, file: path.join(directory, 'modeldata', name) };
}

describe('what is stored', () => {
  let python: PythonCsv | undefined;
  beforeAll(() => {
    python = HAS_PYTHON ? new PythonCsv() : undefined;
  });
  afterAll(() => python?.close());

  it(`comes back from csv-parse, our own reader${HAS_PYTHON ? ' and that of Python' : ' (no Python 3.11 here)'}`, async () => {
    const rows = fc.array(fc.array(cell, { minLength: 3, maxLength: 3 }), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ rows, correlationId: id }), { minLength: 1, maxLength: 4 }),
        async (calls) => {
          const { stream, text, file } = await store(calls);
          const expected = calls.flatMap(({ rows: given, correlationId = '' }) =>
            given.map((row) => [...row.map(textOf), correlationId]),
          );
          const records = parse(text, { record_delimiter: '\n' }) as string[][];
          expect(records[0]).toEqual([...NAMES, ...CORRELATION_COLUMNS]);
          // The id of the call and the time are the collector's own.
          const own = records.slice(1).map((record) => [...record.slice(0, 3), record[4]]);
          expect(own).toEqual(expected);
          if (python !== undefined) {
            expect(await python.read(file)).toEqual(records);
          }
          const data = await CollectedData.open({ ...stream, modelName: 'best_model' });
          const read: string[][] = [];
          for await (const row of data.rows<Record<string, string>>({ types: 'strings' })) {
            read.push(Object.values(row));
          }
          expect(read).toEqual(records.slice(1));
        },
      ),
      { numRuns: 400 },
    );
  });

  it('has no byte order mark, ends its lines with LF, and quotes only what needs it', async () => {
    const { text } = await store([{ rows: [['plain', 'a,b', 'a\rb']], correlationId: undefined }]);
    expect(text.startsWith('x,"second, name","with ""quotes""\nand more",$aml_dc_correlation_id,')).toBe(true);
    expect(text).toMatch(/\nplain,"a,b","a\rb",[^\n]*\n$/);
  });
});
