import { ValidationError } from '@azureml-ts/common';
import type { CommandIo } from '../io.ts';
import { hasColors } from './colors.ts';
import { csvLine, valuesOf } from './csv.ts';
import { jsonText, SCHEMA_VERSION } from './json.ts';
import { type Row, tableText } from './table.ts';
import { errorJson } from './update-report.ts';

/** How rows are written. */
export const ROW_FORMATS = ['table', 'json', 'csv'] as const;

/** One of {@link ROW_FORMATS}. */
export type RowFormat = (typeof ROW_FORMATS)[number];

/** A table is laid out over this many rows at a time, so that memory stays bounded. */
const TABLE_PAGE = 500;
/** So much text is written at a time. */
const PIECE_LENGTH = 65_536;

/**
 * Writes rows as they come.
 *
 * Table: in pages, each with its own widths and head. JSON: `{"schemaVersion":1,"rows":[...]}`, one row a line. CSV: the
 * first row gives the columns; a later row with another column ends in an error, because its value would be lost.
 *
 * When the rows end in an error, those that came are written before it is thrown, and the JSON document is closed with
 * the error in it: `{"schemaVersion":1,"rows":[...],"error":{...}}`.
 *
 * @returns How many rows were written.
 * @throws What `rows` throws.
 */
export async function writeRows(
  io: CommandIo,
  rows: AsyncIterable<Row>,
  format: RowFormat,
  options: { readonly maxCell?: number } = {},
): Promise<number> {
  switch (format) {
    case 'table':
      return writeTable(io, rows, options);
    case 'json':
      return writeJson(io, rows);
    case 'csv':
      return writeCsv(io, rows);
  }
}

async function writeTable(
  io: CommandIo,
  rows: AsyncIterable<Row>,
  options: { readonly maxCell?: number },
): Promise<number> {
  const isColored = hasColors(io);
  let count = 0;
  let page: Row[] = [];
  const failure = new RowFailure();
  for await (const row of failure.until(rows)) {
    count++;
    page.push(row);
    if (page.length === TABLE_PAGE) {
      await io.writeOut(tableText(page, { isColored, ...options }));
      page = [];
    }
  }
  if (page.length > 0) {
    await io.writeOut(tableText(page, { isColored, ...options }));
  }
  failure.throwIfAny();
  return count;
}

/** Gathers text, so that a row costs no write of its own. */
class Pieces {
  readonly #io: CommandIo;
  #text = '';

  constructor(io: CommandIo) {
    this.#io = io;
  }

  add(text: string): Promise<void> | undefined {
    this.#text += text;
    return this.#text.length >= PIECE_LENGTH ? this.flush() : undefined;
  }

  async flush(): Promise<void> {
    const text = this.#text;
    this.#text = '';
    if (text !== '') {
      await this.#io.writeOut(text);
    }
  }
}

async function writeJson(io: CommandIo, rows: AsyncIterable<Row>): Promise<number> {
  const pieces = new Pieces(io);
  const head = `{"schemaVersion":${SCHEMA_VERSION},"rows":[\n`;
  let count = 0;
  const failure = new RowFailure();
  for await (const row of failure.until(rows)) {
    // Not before the first row is there: what fails at once leaves no half document.
    const written = pieces.add(`${count === 0 ? head : ',\n'}${jsonText(row)}`);
    if (written !== undefined) {
      await written;
    }
    count++;
  }
  if (count === 0) {
    failure.throwIfAny();
  }
  const error = failure.hasFailed ? `,"error":${jsonText(errorJson(failure.error))}` : '';
  await pieces.add(`${count === 0 ? head : '\n'}]${error}}\n`);
  await pieces.flush();
  failure.throwIfAny();
  return count;
}

async function writeCsv(io: CommandIo, rows: AsyncIterable<Row>): Promise<number> {
  const pieces = new Pieces(io);
  const failure = new RowFailure();
  let columns: string[] | undefined;
  let known = new Set<string>();
  let count = 0;
  for await (const row of failure.until(rows)) {
    const names = Object.keys(row);
    if (columns === undefined) {
      columns = names;
      known = new Set(names);
      await pieces.add(`${csvLine(columns)}\n`);
    }
    const unknown = names.find((name) => !known.has(name));
    if (unknown !== undefined) {
      await pieces.flush();
      throw new ValidationError({
        path: unknown,
        expected: 'one of the columns of the first row',
        message: `Row ${count + 1} has the column "${unknown}", which the rows before it lack. Narrow --from and --to to one schema, or use --output json.`,
      });
    }
    const written = pieces.add(`${csvLine(valuesOf(row, columns))}\n`);
    if (written !== undefined) {
      await written;
    }
    count++;
  }
  await pieces.flush();
  failure.throwIfAny();
  return count;
}

/** Keeps the error that rows end in, for after they are written. Errors of writing go their own way. */
class RowFailure {
  #thrown: { readonly error: unknown } | undefined;

  get hasFailed(): boolean {
    return this.#thrown !== undefined;
  }

  get error(): unknown {
    return this.#thrown?.error;
  }

  async *until(rows: AsyncIterable<Row>): AsyncGenerator<Row> {
    try {
      yield* rows;
    } catch (error) {
      this.#thrown = { error };
    }
  }

  throwIfAny(): void {
    if (this.#thrown !== undefined) {
      throw this.#thrown.error;
    }
  }
}
