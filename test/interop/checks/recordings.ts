import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CollectedData } from '@azureml-ts/data';
import { parse } from 'csv-parse/sync';
import type { Checks, Engine } from '../support/checks.ts';
import type { Stream } from '../support/collect.ts';
import { type Answer, ask, type Python } from '../support/python.ts';
import { type RecordedFile, recordedFiles, recordedOptions } from '../support/recorded-files.ts';
import { recordedValues, tellValue } from '../support/recorded-values.ts';
import { cellOf, type Table } from '../support/tables.ts';
import type { World } from '../support/world.ts';

/** What our reader made of a file: its features, or why it refused. */
type Read = { readonly names: string[]; readonly rows: unknown[][] } | { readonly refused: string };

/** The files that the Python package wrote are read with every value intact, and as pandas reads them. */
export async function checkRecordings(checks: Checks, world: World, python: Python): Promise<void> {
  await checks.engine('python-v1 recordings', async (check) => {
    const files = recordedFiles(join(world.folder, 'recorded'));
    if (files.length === 0) {
      check.skip('test/golden/model-data-collector-v1 is not there');
      return;
    }
    const texts: Read[] = [];
    for (const file of files) {
      texts.push(await read(file, 'strings'));
      const expected = recordedValues(file.recording);
      const values = await read(file, 'infer');
      if (expected !== undefined && file.isOnly && 'rows' in values) {
        check.same(
          `${file.name}: values`,
          values.rows.map((row) => row.map(tellValue)),
          expected,
        );
      }
    }
    if ('missing' in python) {
      console.log(`python-v1 recordings: pandas skipped: ${python.missing}`);
      return;
    }
    const jobs = files.map(({ file }, at) => ({ kind: 'texts', pattern: file, header: !isNameless(texts[at]) }));
    const answers = await ask(python.path, 'plain.py', { engine: 'pandas', jobs });
    for (const [at, { name }] of files.entries()) {
      compare(check, name, texts[at] ?? { refused: 'not read' }, answers[at]);
    }
  });
}

async function read({ directory, path, file }: RecordedFile, types: 'strings' | 'infer'): Promise<Read> {
  const data = await CollectedData.open(recordedOptions({ directory, path }));
  const rows: unknown[][] = [];
  let names: string[] = [];
  try {
    for await (const row of data.rows<Record<string, unknown>>({ types })) {
      names = featureNames(row, file);
      rows.push(names.map((name) => row[name]));
    }
  } catch (error) {
    return { refused: (error as { code?: string }).code ?? String(error) };
  }
  return { names, rows };
}

/** Names of the features in the order of the file: an object has names that are numbers first. */
function featureNames(row: object, file: string): string[] {
  const names = Object.keys(row).filter((name) => !name.startsWith('$aml_'));
  const [header = []] = parse(readFileSync(file), { to: 1, record_delimiter: '\r\n' }) as string[][];
  return names.every((name) => header.includes(name)) ? header.filter((name) => names.includes(name)) : names;
}

function isNameless(read: Read | undefined): boolean {
  return read !== undefined && 'names' in read && read.names[0] === 'column_1';
}

/** A few recordings as streams of texts: rows that end in CRLF, in LF and in both, quotes, line breaks and bare CR. */
export async function recordedStreams(folder: string): Promise<Stream[]> {
  const wanted = ['inputs_df', 'inputs_list', 'list_then_df', 'list_strings', 'df_strings', 'df_types', 'df_nullable'];
  const streams: Stream[] = [];
  for (const file of recordedFiles(folder).filter(({ name }) => wanted.includes(name))) {
    const texts = await read(file, 'strings');
    if ('names' in texts) {
      streams.push({
        open: recordedOptions(file),
        folder: file.directory,
        kinds: Object.fromEntries(texts.names.map((name) => [name, 'string'])),
        rows: texts.rows.map((row) => row.map((text) => cellOf(text, 'string'))),
      });
    }
  }
  return streams;
}

/** Both read the same texts, or both refuse. */
function compare(check: Engine, name: string, ours: Read, theirs: Answer | undefined): void {
  if (theirs === undefined || !('rows' in theirs)) {
    check.holds(`${name}: pandas refuses`, 'refused' in ours, `${JSON.stringify(theirs)} but ours reads it`);
    return;
  }
  if ('refused' in ours) {
    check.holds(`${name}: ours refuses`, false, `${ours.refused}, but pandas reads ${JSON.stringify(theirs)}`);
    return;
  }
  const width = ours.names.length;
  check.same(`${name}: texts`, ours.rows, features(theirs, isNameless(ours) ? width : undefined));
}

/**
 * The features as pandas has them; the last cell of a line that ends with CR and LF has the CR.
 *
 * @param count How many there are, where no header tells.
 */
function features({ columns, rows }: Table, count: number | undefined): string[][] {
  const names = columns.map((name) => String(name).replace(/\r$/, ''));
  const kept = names.flatMap((name, at) => ((count === undefined ? name.startsWith('$aml_') : at >= count) ? [] : at));
  return rows.map((row) =>
    kept.map((at) => {
      const text = String(row[at]?.[1] ?? '');
      return at === names.length - 1 ? text.replace(/\r$/, '') : text;
    }),
  );
}
