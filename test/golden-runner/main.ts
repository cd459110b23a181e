/**
 * Plays recordings of the Python packages with our library and compares.
 *
 * `npm run test:golden` runs those under the folder that AZUREML_TS_GOLDEN names (default `test/golden`), prints a line a
 * case and the totals, and ends with 1 when a difference is not explained by a compatibility rule. `-- --write` writes
 * docs/compatibility.md from the rules instead.
 */
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as core from '@azureml-ts/core';
import { libraryOf } from './our-library.ts';
import { compatibilityPage } from './page.ts';
import { runRecordings } from './recordings.ts';
import { reportLines, totalLines } from './verdict.ts';

const COMMITTED = fileURLToPath(new URL('../golden', import.meta.url));
const PAGE = fileURLToPath(new URL('../../docs/compatibility.md', import.meta.url));

async function main(args: readonly string[]): Promise<number> {
  if (args.length === 1 && args[0] === '--write') {
    writeFileSync(PAGE, compatibilityPage());
    console.log('docs/compatibility.md is written.');
    return 0;
  }
  if (args.length > 0) {
    console.error(`Unknown option ${JSON.stringify(args[0])}. Known: --write.`);
    return 2;
  }
  const root = resolve(process.env['AZUREML_TS_GOLDEN'] || COMMITTED);
  if (statSync(root, { throwIfNoEntry: false })?.isDirectory() !== true) {
    console.error(`There is no folder of recordings at ${root}. AZUREML_TS_GOLDEN names it.`);
    console.log('0 passed, 1 failed');
    return 1;
  }
  // An empty folder, so that no local service and no configuration file of the caller's plays along.
  const empty = mkdtempSync(join(tmpdir(), 'golden-run-'));
  process.chdir(empty);
  try {
    const reports = await runRecordings(
      libraryOf(core),
      root,
      join(COMMITTED, 'webservice-v1', 'requests.json'),
      (report) => {
        console.log(reportLines(report).join('\n'));
      },
    );
    const { lines, failed } = totalLines(reports);
    console.log(lines.join('\n'));
    return failed === 0 ? 0 : 1;
  } finally {
    process.chdir(COMMITTED);
    rmSync(empty, { recursive: true, force: true });
  }
}

process.exitCode = await main(process.argv.slice(2));
