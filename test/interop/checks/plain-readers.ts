import { join } from 'node:path';
import type { CollectedData } from '@azureml-ts/data';
import type { Checks, Engine } from '../support/checks.ts';
import { opened } from '../support/collect.ts';
import { type Answer, ask, type Python } from '../support/python.ts';
import { KINDS, TYPES } from '../support/samples.ts';
import { evenNumbers, rowsOf, sumOf, type Table, withoutNaN } from '../support/tables.ts';
import type { World } from '../support/world.ts';

const COLUMNS = Object.keys(KINDS);
/** Names of the types in each engine, by kind. */
const NAMES: Readonly<Record<string, Readonly<Record<string, RegExp>>>> = {
  pandas: {
    double: /^float64$/,
    bigint: /^Int64$/,
    boolean: /^bool(ean)?$/,
    timestamp: /^datetime64\[.s, UTC\]$/,
    string: /^str$/,
  },
  pyarrow: {
    double: /^double$/,
    bigint: /^int64$/,
    boolean: /^bool$/,
    timestamp: /^timestamp\[ms, tz=UTC\]$/,
    string: /^string$/,
  },
  polars: {
    double: /^Float64$/,
    bigint: /^Int64$/,
    boolean: /^Boolean$/,
    timestamp: /^Datetime\(.*'ms'.*UTC.*\)$/,
    string: /^String$/,
  },
  duckdb: {
    double: /^DOUBLE$/,
    bigint: /^BIGINT$/,
    boolean: /^BOOLEAN$/,
    timestamp: /^TIMESTAMP$/,
    string: /^VARCHAR$/,
  },
};
/** The same names, where the engine reads Parquet and takes the types from there. */
const IN_PARQUET: typeof NAMES = {
  ...NAMES,
  pandas: { ...NAMES['pandas'], double: /^Float64$/, string: /^string$/ },
  duckdb: { ...NAMES['duckdb'], timestamp: /^TIMESTAMP( WITH TIME ZONE|_MS)?$/ },
};

/** The engines read the files as the guides tell, with wildcards for year, month, day and file; and the Parquet files of an export. */
export async function checkPlainReaders(checks: Checks, world: World, python: Python): Promise<void> {
  const { inputs } = world;
  const parquet = await exported(await opened(inputs), join(world.folder, 'parquet'));
  for (const engine of ['pandas', 'pyarrow', 'polars', 'duckdb']) {
    await checks.engine(engine, async (check) => {
      if ('missing' in python) {
        check.skip(python.missing);
        return;
      }
      const jobs: object[] = [{ kind: 'csv', pattern: `${inputs.folder}/*/*/*/data*.csv`, types: KINDS }];
      jobs.push({ kind: 'parquet', pattern: parquet });
      const script = await (await opened(world.odd)).generate('duckdb', { types: TYPES });
      if (engine === 'duckdb') {
        jobs.push({ kind: 'sql', script, query: 'SELECT * FROM inputs' });
      }
      const answers = await ask(python.path, 'plain.py', { engine: engine === 'pyarrow' ? 'arrow' : engine, jobs });
      compare(check, 'files of rows', engine, answers.shift(), inputs.rows, NAMES[engine] ?? {});
      compare(check, 'export', engine, answers.shift(), inputs.rows, IN_PARQUET[engine] ?? {});
      if (engine === 'duckdb') {
        compare(check, 'generated SQL', engine, answers.shift(), world.odd.rows, NAMES[engine] ?? {});
      }
    });
  }
}

/** Compares what an engine read with what was collected: rows, types and sums. */
function compare(
  check: Engine,
  what: string,
  engine: string,
  answer: Answer | undefined,
  expected: Parameters<typeof withoutNaN>[0],
  types: Readonly<Record<string, RegExp>>,
): void {
  if (answer === undefined || !('rows' in answer)) {
    check.holds(what, false, answer !== undefined && 'error' in answer ? answer.error : 'nothing came back');
    return;
  }
  const table = evenNumbers(answer);
  // A column of floats of pandas has NaN where nothing is.
  const own = engine === 'pandas' ? withoutNaN(expected) : expected;
  const rows = rowsOf(table, COLUMNS);
  check.same(`${what}: rows`, engine === 'pandas' ? withoutNaN(rows) : rows, own);
  const wrong = Object.entries(KINDS).flatMap(([name, kind]) => {
    const type = table.types[table.columns.indexOf(name)] ?? 'none';
    return types[kind]?.test(type) === true ? [] : [`${name} is ${type}`];
  });
  check.same(`${what}: types`, wrong, []);
  const whole: Table = { columns: COLUMNS, types: [], rows: expected };
  check.same(`${what}: sum of row`, sumOf(table, 'row'), sumOf(whole, 'row'));
  check.same(`${what}: sum of free`, sumOf(table, 'free'), sumOf(whole, 'free'));
}

/** Writes the rows as Parquet; gives the pattern of the files. */
async function exported(data: CollectedData, folder: string): Promise<string> {
  const names = {
    double: 'float64',
    bigint: 'int64',
    boolean: 'boolean',
    timestamp: 'timestamp',
    string: 'string',
  } as const;
  const types = Object.fromEntries(Object.entries(KINDS).map(([name, kind]) => [name, names[kind]]));
  await data.toParquet(folder, { types });
  return `${folder}/**/*.parquet`;
}
