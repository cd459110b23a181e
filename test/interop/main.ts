/**
 * Lets other engines read what was collected, and reads what the Python package collected: `npm run test:interop`.
 *
 * Prints a line an engine and ends with the totals; 1 when anything failed. What cannot be tried here is skipped, and it
 * is said why. `-- NAME...`: only these engines.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setLogLevel } from '@azureml-ts/common';
import { checkDuckdbNode } from './checks/duckdb-node.ts';
import { checkOurs } from './checks/ours.ts';
import { checkPlainReaders } from './checks/plain-readers.ts';
import { checkRandomRows } from './checks/random-rows.ts';
import { checkRecordings, recordedStreams } from './checks/recordings.ts';
import { checkScripts } from './checks/scripts.ts';
import { checkSpark } from './checks/spark.ts';
import { Checks } from './support/checks.ts';
import { collectAll, collectChanging, collectNameless } from './support/collect.ts';
import { endChildren, findPython, missingJava, SPARK_PACKAGES, TABLE_PACKAGES } from './support/python.ts';
import { ODD, PLAIN } from './support/samples.ts';
import type { World } from './support/world.ts';

/** Rows of a day: enough for every kind of cell with every text. */
const ROWS_A_DAY = 240;

async function main(names: readonly string[]): Promise<number> {
  setLogLevel('error');
  const folder = mkdtempSync(join(tmpdir(), 'azureml-ts-interop-'));
  const stop = (): never => {
    endChildren();
    rmSync(folder, { recursive: true, force: true });
    process.exit(143);
  };
  process.once('SIGTERM', stop).once('SIGINT', stop);
  const checks = new Checks(names);
  try {
    const directory = join(folder, 'collected rows');
    const plain = await collectAll(directory, PLAIN, ROWS_A_DAY);
    const world: World = {
      folder,
      directory,
      ...plain,
      odd: (await collectAll(directory, ODD, 12)).inputs,
      changing: await collectChanging(directory),
      cased: await collectChanging(directory, ['Age', 'CITY']),
      nameless: await collectNameless(directory),
      recorded: await recordedStreams(join(folder, 'recorded streams')),
    };
    await checkOurs(checks, world);
    await checkDuckdbNode(checks, world);
    const tables = await findPython(TABLE_PACKAGES);
    await checkPlainReaders(checks, world, tables);
    await checkScripts(checks, world, tables);
    await checkRecordings(checks, world, tables);
    await checkRandomRows(checks, world, tables);
    await checkSpark(checks, world, async () => {
      const java = await missingJava();
      return java === undefined ? findPython(SPARK_PACKAGES) : { missing: java };
    });
  } catch (error) {
    console.log(`FAILED before the checks: ${error instanceof Error ? error.stack : String(error)}`);
    checks.failed += 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  console.log(checks.totals());
  return checks.failed === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
