import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Checks } from '../support/checks.ts';
import { opened } from '../support/collect.ts';
import { ask, type Python, start } from '../support/python.ts';
import { KINDS, TYPES } from '../support/samples.ts';
import { compareAnswers, type Expectation, expectations } from '../support/script-jobs.ts';
import { evenNumbers, rowsOf, sumOf } from '../support/tables.ts';
import type { World } from '../support/world.ts';

const NAMES = { double: 'double', bigint: 'bigint', boolean: 'boolean', timestamp: 'timestamp', string: 'string' };

/** Spark reads the files with the documented wildcards; the generated script and notebook run as they are. */
export async function checkSpark(checks: Checks, world: World, find: () => Promise<Python>): Promise<void> {
  await checks.engine('pyspark', async (check) => {
    const python = await find();
    if ('missing' in python) {
      check.skip(python.missing);
      return;
    }
    const { inputs, predictions } = world;
    const expected: Expectation[] = await expectations(world, 'pyspark', NAMES);
    const notebook = join(world.folder, 'notebook.py');
    writeFileSync(
      notebook,
      await (await opened(inputs, { to: '2026-02-28' })).generate('databricks', { types: TYPES }),
    );
    const jobs = [
      ...expected.map(({ job }) => job),
      { call: 'plain', script: '', arguments: [`${inputs.folder}/*/*/*/data*.csv`] },
      { call: 'notebook', script: notebook, arguments: [] },
    ];
    const answers = await ask(python.path, 'scripts.py', { spark: true, jobs });
    const [plain, cells] = answers.splice(expected.length);
    compareAnswers(check, expected, answers);

    if (plain !== undefined && 'rows' in plain) {
      const table = evenNumbers(plain);
      // Texts, which are what goes wrong, and sums; a zip code becomes a number there.
      const kept = ['row', 'text', 'flag', 'when', 'age', 'odd', 'free'];
      const places = kept.map((name) => Object.keys(KINDS).indexOf(name));
      const rows = inputs.rows.map((row) => places.map((place) => row[place] ?? null));
      check.same('documented wildcards: rows', rowsOf(table, kept), rows);
      check.same(
        'documented wildcards: sum of free',
        sumOf(table, 'free'),
        sumOf({ columns: kept, types: [], rows }, 'free'),
      );
    } else {
      check.holds('documented wildcards', false, JSON.stringify(plain));
    }
    const shown = Array.isArray(cells) ? cells : [];
    check.same('notebook: tables shown', shown.length, 2);
    const quarter = inputs.rows.length / 4;
    for (const [at, name] of ['rows', 'joined rows'].entries()) {
      const columns = at === 0 ? Object.keys(KINDS) : ['row', 'score'];
      const rows = (at === 0 ? inputs : predictions).rows.slice(0, quarter);
      check.same(`notebook: ${name}`, shown[at] === undefined ? cells : rowsOf(evenNumbers(shown[at]), columns), rows);
    }

    const script = expected.find(({ what }) => what === 'declared types')?.job.script ?? '';
    const folder = join(world.folder, 'spark.parquet');
    const said = await start(python.path, [script, '--join', '--parquet', folder], { timeoutMs: 180_000 });
    check.same('what the program says', said.trim(), `${inputs.rows.length} rows written to ${folder}`);
  });
}
