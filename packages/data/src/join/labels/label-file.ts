import { createReadStream } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { AzuremlError, errorMessage, ValidationError } from '@azureml-ts/common';
import { CsvScanner } from '@azureml-ts/monitoring/format';
import { BadRecordError, wrongCell, wrongWidth } from '../../rows/bad-record.ts';
import { CELL_READERS, type CellReader, type CellType, inferCell } from '../../rows/cell-types.ts';
import type { SourceWatch } from '../source-watch.ts';
import type { JoinLabelsOptions, LabelRecord } from './label-options.ts';

/** A label and the text of its id, as it stands in the file. */
export interface FileLabel {
  readonly label: LabelRecord;
  /** `undefined`: the id has to be taken from the label. */
  readonly id?: string | undefined;
}

/**
 * Reads labels from a file.
 *
 * @throws ValidationError (`VALIDATION`) when nothing says what the file is; AzuremlError `LABELS_NOT_FOUND`,
 *   `LABELS_NOT_READABLE`, `LABEL_COLUMN_NOT_FOUND`, `CSV_BAD_HEADER`, `CSV_BAD_RECORD`, `CELL_NOT_<TYPE>`.
 */
export async function* readLabelFile(
  source: string | URL,
  on: string,
  options: JoinLabelsOptions,
  watch: SourceWatch | undefined,
): AsyncGenerator<FileLabel, void, undefined> {
  const file = source instanceof URL || /^file:/i.test(source) ? pathOfUrl(source) : source;
  const format = options.format ?? formatOf(file);
  const bytes = readBytes(file, options.abortSignal);
  const pieces = watch === undefined ? bytes : watch.file(file, bytes);
  yield* format === 'csv' ? readCsv(pieces, file, on, options) : readJsonLines(pieces, file);
}

function pathOfUrl(url: string | URL): string {
  try {
    return fileURLToPath(url);
  } catch (cause) {
    throw new ValidationError({ path: 'labels', expected: 'a path or a file: URL', received: String(url), cause });
  }
}

function formatOf(file: string): 'csv' | 'jsonl' {
  const ending = path.extname(file).toLowerCase();
  if (ending !== '.csv' && ending !== '.jsonl' && ending !== '.ndjson') {
    throw new ValidationError({
      path: 'labels',
      expected: 'a file that ends with .csv, .jsonl or .ndjson; otherwise say what it is: format',
      received: file,
    });
  }
  return ending === '.csv' ? 'csv' : 'jsonl';
}

async function* readBytes(
  file: string,
  abortSignal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* createReadStream(file, abortSignal === undefined ? {} : { signal: abortSignal });
  } catch (cause) {
    abortSignal?.throwIfAborted();
    const isMissing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw isMissing
      ? new AzuremlError('LABELS_NOT_FOUND', `There is no file of labels at ${path.resolve(file)}. Check its path.`, {
          cause,
        })
      : new AzuremlError('LABELS_NOT_READABLE', `The labels ${file} cannot be read: ${errorMessage(cause)}.`, {
          cause,
        });
  }
}

async function* readCsv(
  pieces: AsyncIterable<Uint8Array>,
  file: string,
  on: string,
  { columns, types }: JoinLabelsOptions,
): AsyncGenerator<FileLabel, void, undefined> {
  let names: readonly string[] | undefined;
  let readers: readonly CellColumn[] = [];
  let number = 0;
  for await (const record of recordsOf(pieces, file)) {
    number += 1;
    if (record.length === 1 && record[0] === '') {
      continue;
    }
    if (names === undefined) {
      names = record;
      checkHeader(names, [on, ...(columns ?? []), ...(typeof types === 'object' ? Object.keys(types) : [])], file);
      readers = columnsOf(names, on, columns, types);
      continue;
    }
    if (record.length !== names.length) {
      throw wrongWidth(file, number, record.length, names.length);
    }
    yield { label: labelOf(record, readers, { path: file, record: number }), id: record[names.indexOf(on)] ?? '' };
  }
}

interface CellColumn {
  readonly name: string;
  readonly index: number;
  readonly type: CellType | undefined;
  readonly read: CellReader;
}

function columnsOf(
  names: readonly string[],
  on: string,
  wanted: readonly string[] | undefined,
  types: JoinLabelsOptions['types'],
): CellColumn[] {
  return (wanted ?? names).map((name) => {
    const type =
      types === 'strings'
        ? 'string'
        : typeof types === 'object' && Object.hasOwn(types, name)
          ? types[name]
          : undefined;
    // An id such as 00417 or 1e5 must stay what it is.
    const read = type !== undefined ? CELL_READERS[type] : name === on ? CELL_READERS.string : inferCell;
    return { name, index: names.indexOf(name), type, read };
  });
}

function labelOf(
  record: readonly string[],
  columns: readonly CellColumn[],
  at: { readonly path: string; readonly record: number },
): LabelRecord {
  return Object.fromEntries(
    columns.map(({ name, index, type, read }) => {
      const text = record[index] ?? '';
      const value = read(text);
      if (value === undefined) {
        throw wrongCell({ ...at, column: name }, type ?? 'string', text);
      }
      return [name, value];
    }),
  );
}

/** Other than a live file of rows, a file of labels may end without a line end. */
async function* recordsOf(
  pieces: AsyncIterable<Uint8Array>,
  file: string,
): AsyncGenerator<readonly string[], void, undefined> {
  const scanner = new CsvScanner();
  for await (const piece of pieces) {
    yield* scanner.push(piece);
  }
  let last: string[][];
  try {
    last = scanner.end();
  } catch (cause) {
    throw new AzuremlError('CSV_BAD_RECORD', `${file} ends inside a quoted cell. Repair the file.`, {
      cause,
      details: { path: file },
    });
  }
  yield* last;
}

function checkHeader(names: readonly string[], wanted: readonly string[], file: string): void {
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated !== undefined) {
    throw new AzuremlError(
      'CSV_BAD_HEADER',
      `The header of ${file} names the column "${repeated}" twice. Repair the file.`,
      {
        details: { path: file, column: repeated },
      },
    );
  }
  const missing = wanted.find((name) => !names.includes(name));
  if (missing !== undefined) {
    throw labelColumnNotFound(missing, names, file);
  }
}

/** The labels lack a column that was asked for. */
export function labelColumnNotFound(missing: string, names: readonly string[], place: string): AzuremlError {
  return new AzuremlError(
    'LABEL_COLUMN_NOT_FOUND',
    `There is no column "${missing}" in ${place}, which has: ${names.join(', ')}. Say which column holds the id (on), and check columns.`,
    { details: { column: missing, columns: [...names] } },
  );
}

async function* readJsonLines(
  pieces: AsyncIterable<Uint8Array>,
  file: string,
): AsyncGenerator<FileLabel, void, undefined> {
  let number = 0;
  for await (const line of linesOf(pieces)) {
    number += 1;
    if (line.trim() === '') {
      continue;
    }
    let label: unknown;
    try {
      label = JSON.parse(line);
    } catch {
      label = undefined;
    }
    if (typeof label !== 'object' || label === null || Array.isArray(label)) {
      throw new BadRecordError({
        code: 'JSON_BAD_RECORD',
        message: `Line ${number} of ${file} is not a JSON object. Write one object a line.`,
        path: file,
        record: number,
      });
    }
    yield { label: label as LabelRecord };
  }
}

async function* linesOf(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const piece of pieces) {
    const lines = (rest + decoder.decode(piece, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  yield rest + decoder.decode();
}
