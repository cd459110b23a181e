import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ModelDataCollectorOptions } from '@azureml-ts/monitoring';
import { CollectedData, type CollectedDataOptions, type VerifyOptions, type VerifyReport } from '../../src/index.ts';
import { clockAt, collector, stream, temporaryFolder } from '../support/stream.ts';

/** Day that the collectors of these tests collect on. */
export const DAY = '2026-03-04';
export const NOON = `${DAY}T12:00:00Z`;

/** A collector's options for a folder, with a clock that stands still. */
export function folderOptions(directory: string, more: ModelDataCollectorOptions = {}): ModelDataCollectorOptions {
  return {
    storage: { directory },
    journal: { directory: path.join(directory, 'journal') },
    featureNames: ['x', 'y'],
    clock: clockAt(NOON),
    ...more,
  };
}

/** Rows of two features. */
export function rows(count: number, first = 0): (number | string)[][] {
  return Array.from({ length: count }, (_, index) => [first + index, `r${first + index}`]);
}

/** A folder with what two writers have stored: calls of one row, and of several. */
export async function twoWriters(more: ModelDataCollectorOptions = {}): Promise<string> {
  const directory = await temporaryFolder();
  const [one, other] = [collector(folderOptions(directory, more)), collector(folderOptions(directory, more))];
  for (let index = 0; index < 10; index += 1) {
    one.collect(rows(3, index * 10));
    other.collect(rows(1, index * 10 + 500));
    if (index === 4) {
      await Promise.all([one.flush(), other.flush()]);
    }
  }
  await one.close();
  await other.close();
  return directory;
}

/** Verifies what stands in a folder. */
export async function verify(
  directory: string,
  options: VerifyOptions = {},
  more: Partial<CollectedDataOptions> = {},
): Promise<VerifyReport> {
  const data = await CollectedData.open({ ...stream, storage: { directory }, ...more });
  return data.verify(options);
}

/** Codes of the errors, sorted, each once. */
export function errorCodes({ findings }: VerifyReport): string[] {
  return codes(findings.filter(({ severity }) => severity === 'error'));
}

/** Codes of findings, sorted, each once. */
export function codes(findings: VerifyReport['findings']): string[] {
  return [...new Set(findings.map(({ code }) => code))].sort();
}

/** Path of a file below the folder of the rows. */
export function inDay(directory: string, name = 'data.csv', day = DAY): string {
  return path.join(directory, 'modeldata', 'sub/rg/ws/svc/best_model/1/inputs', day.replaceAll('-', '/'), name);
}

/** Changes a file. */
export async function change(file: string, edit: (text: string) => string): Promise<void> {
  await writeFile(file, edit(await readFile(file, 'utf8')));
}

/** Changes the lines of a file. */
export function changeLines(file: string, edit: (lines: string[]) => string[]): Promise<void> {
  return change(file, (text) =>
    edit(text.split('\n').slice(0, -1))
      .map((line) => `${line}\n`)
      .join(''),
  );
}

/** Names of the files of a folder. */
export function namesIn(folder: string): Promise<string[]> {
  return readdir(folder);
}
