import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CORRELATION_COLUMNS, encodeRows } from '@azureml-ts/monitoring/format';
import { featureNames, makeRows } from './rows.ts';

/** Days that the rows are of: a file each. */
const DAYS = 60;
const BATCH = 4096;

/** Files of collected rows, as a collector writes them. */
export interface CollectedFiles extends Disposable {
  /** The folder that a collector would have been given. */
  readonly directory: string;
  /** All files, for readers that are given patterns. */
  readonly pattern: string;
  readonly bytes: number;
  readonly rows: number;
}

/**
 * Writes rows of ten mixed features, with the columns of their calls, as files of sixty days.
 *
 * @param megabytes About how much.
 */
export function writeCollectedFiles(megabytes: number): CollectedFiles {
  const directory = mkdtempSync(join(tmpdir(), 'azureml-ts-bench-'));
  const root = join(directory, 'modeldata/sub/rg/ws/svc/best_model/1/inputs');
  const made = makeRows('mix10', 131_072);
  const header = `${[...featureNames('mix10'), ...CORRELATION_COLUMNS].join(',')}\n`;
  let rows = 0;
  let bytes = 0;
  for (let day = 0; day < DAYS; day += 1) {
    const date = new Date(Date.UTC(2026, 0, 1 + day)).toISOString().slice(0, 10);
    const folder = join(root, date.replaceAll('-', '/'));
    mkdirSync(folder, { recursive: true });
    const file = openSync(join(folder, 'data.csv'), 'w');
    let size = writeSync(file, header);
    while (size < (megabytes * 1e6) / DAYS) {
      const batch = Array.from({ length: BATCH }, () => {
        rows += 1;
        return [...(made[rows % made.length] ?? []), ...callCells(rows, date)];
      });
      size += writeSync(file, encodeRows(batch));
    }
    closeSync(file);
    bytes += size;
  }
  return {
    directory,
    pattern: join(root, '*/*/*/data.csv'),
    bytes,
    rows,
    [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** One call a row; every third caller has an id of its own. */
function callCells(row: number, date: string): string[] {
  const hex = (Math.imul(row, 2_654_435_761) >>> 0).toString(16).padStart(8, '0');
  const time = `${date}T12:34:56.${String(row % 1000).padStart(3, '0')}Z`;
  return [`3kq9x2v7m1-${row}`, row % 3 === 0 ? `loan-${row}` : '', time, `${hex}-0000-4000-8000-0000${hex}`];
}
