import { join } from 'node:path';
import { CollectedData } from '@azureml-ts/data';
import fc from 'fast-check';
import type { Checks } from '../support/checks.ts';
import { collectorOf, folderOf, openOptions } from '../support/collect.ts';
import { ask, type Python } from '../support/python.ts';
import { PLAIN } from '../support/samples.ts';
import { type ColumnKind, cellOf, evenNumbers, rowsOf, type TableCell, withoutNaN } from '../support/tables.ts';
import type { World } from '../support/world.ts';

/** Tables that are made up. One reader reads them all, so that its start counts once. */
const TABLES = 60;

const KINDS: Readonly<Record<string, ColumnKind>> = {
  row: 'bigint',
  number: 'double',
  whole: 'bigint',
  flag: 'boolean',
  when: 'timestamp',
  text: 'string',
};
const NO_NULL = { nil: undefined } as const;
const anyRow = fc.tuple(
  fc.option(fc.double(), NO_NULL),
  fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), NO_NULL),
  fc.option(fc.boolean(), NO_NULL),
  fc.option(fc.date({ min: new Date('1970-01-01'), max: new Date('2200-01-01'), noInvalidDate: true }), NO_NULL),
  // What stands for nothing in the file, and what no file of text can hold, are not asked for.
  fc.option(
    fc
      .oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[",\r\n'\\ #a;]*$/))
      .filter((text) => text !== '' && !text.includes('\0')),
    NO_NULL,
  ),
);

/** Random rows are collected, and come back equal from our reader, pandas and DuckDB. */
export async function checkRandomRows(checks: Checks, world: World, python: Python): Promise<void> {
  await checks.engine('random-rows', async (check) => {
    const seed = Number(process.env['AZUREML_TS_INTEROP_SEED'] || Date.now() % 1_000_000);
    const names = (at: number) => ({ ...PLAIN, modelName: `random ${at}` });
    const tables = fc.sample(fc.array(anyRow, { minLength: 1, maxLength: 12 }), { seed, numRuns: TABLES });
    const expected: TableCell[][][] = [];
    for (const [at, rows] of tables.entries()) {
      const types = {
        double: 'float64',
        bigint: 'int64',
        boolean: 'boolean',
        timestamp: 'timestamp',
        string: 'string',
      } as const;
      const collector = collectorOf({
        directory: world.directory,
        names: names(at),
        designation: 'inputs',
        day: '2026-03-04',
        features: Object.entries(KINDS).map(([name, kind]) => ({ name, type: types[kind] })),
      });
      const numbered = rows.map((row, number) => [number, ...row]);
      collector.collectRows(numbered);
      await collector.close();
      expected.push(
        numbered.map((row) => row.map((value, place) => cellOf(value, Object.values(KINDS)[place] ?? 'string'))),
      );
    }

    const ours: TableCell[][][] = [];
    for (const at of tables.keys()) {
      const data = await CollectedData.open(openOptions(world.directory, names(at), 'inputs'));
      const rows: TableCell[][] = [];
      const types = {
        row: 'bigint',
        number: 'number',
        whole: 'bigint',
        flag: 'boolean',
        when: 'date',
        text: 'string',
      } as const;
      for await (const row of data.rows<Record<string, unknown>>({ types })) {
        rows.push(Object.entries(KINDS).map(([name, kind]) => cellOf(row[name], kind)));
      }
      ours.push(rows);
    }
    check.same(`azureml-ts, seed ${seed}`, ours, expected);

    if ('missing' in python) {
      console.log(`random-rows: pandas and duckdb skipped: ${python.missing}`);
      return;
    }
    const jobs = tables.map((_, at) => ({
      kind: 'csv',
      pattern: join(folderOf(world.directory, names(at), 'inputs'), '*/*/*/data*.csv'),
      types: KINDS,
    }));
    for (const engine of ['pandas', 'duckdb']) {
      const answers = await ask(python.path, 'plain.py', { engine, jobs });
      const read = answers.map((answer) =>
        'rows' in answer ? rowsOf(evenNumbers(answer), Object.keys(KINDS)) : answer,
      );
      const isPandas = engine === 'pandas';
      check.same(
        `${engine}, seed ${seed}`,
        isPandas ? read.map((rows) => (Array.isArray(rows) ? withoutNaN(rows) : rows)) : read,
        isPandas ? expected.map(withoutNaN) : expected,
      );
    }
  });
}
