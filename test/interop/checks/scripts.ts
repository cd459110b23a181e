import { join } from 'node:path';
import type { Checks } from '../support/checks.ts';
import { ask, type Python, start } from '../support/python.ts';
import { compareAnswers, expectations } from '../support/script-jobs.ts';
import { withoutNaN } from '../support/tables.ts';
import type { World } from '../support/world.ts';

const TYPES = {
  double: 'float64',
  bigint: 'Int64',
  boolean: 'boolean',
  timestamp: 'datetime64[us, UTC]',
  string: 'str',
};

/** The generated script for pandas reads what was collected, as a module and as a program. */
export async function checkScripts(checks: Checks, world: World, python: Python): Promise<void> {
  await checks.engine('pandas-script', async (check) => {
    if ('missing' in python) {
      check.skip(python.missing);
      return;
    }
    const expected = await expectations(world, 'pandas', TYPES);
    const answers = await ask(python.path, 'scripts.py', { spark: false, jobs: expected.map(({ job }) => job) });
    compareAnswers(check, expected, answers, withoutNaN);

    const script = expected.find(({ what }) => what === 'declared types')?.job.script ?? '';
    const file = join(world.folder, 'pandas-program.parquet');
    const said = await start(python.path, [script, '--join', '--parquet', file], { timeoutMs: 120_000 });
    check.same('what the program says', said.trim(), `${world.inputs.rows.length} rows written to ${file}`);
    const shown = await start(python.path, [script, '--from', '2026-03-01', '--to', '2026-03-01'], {
      timeoutMs: 120_000,
    });
    check.holds(
      'the program prints rows',
      /datetime64\[.s, UTC\]/.test(shown) && /\[\d+ rows x 15 columns\]/.test(shown),
      shown,
    );
  });
}
