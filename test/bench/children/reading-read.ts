import { createReadStream, globSync } from 'node:fs';
import { answer } from '../support/child.ts';

/** Who reads. */
export type ReaderName =
  | 'idle'
  | 'csv-strings'
  | 'csv-objects'
  | 'ours-strings'
  | 'ours-objects'
  | 'ours-batches'
  | 'ours-batches-reused'
  | 'ours-batches-texts'
  | 'duckdb-objects';

/** What to measure. */
export interface ReadingInput {
  readonly reader: ReaderName;
  readonly directory: string;
  readonly pattern: string;
}

/** What was found; the same for all readers, whatever they read into. */
export interface ReadingSums {
  readonly rows: number;
  /** Of the whole numbers of a feature. */
  readonly sum: number;
  /** Rows that lack a feature. */
  readonly nulls: number;
  /** Characters of a feature. */
  readonly characters: number;
}

/** What was measured. */
export interface ReadingOutput extends ReadingSums {
  /** Milliseconds from the first byte to the last row, without loading the package. */
  readonly elapsed: number;
  /** Most memory that the process ever had. */
  readonly peakBytes: number;
}

type Sums = { -readonly [Key in keyof ReadingSums]: ReadingSums[Key] };
type Row = Record<string, unknown>;

const STREAM = {
  workspace: { subscriptionId: 'sub', resourceGroup: 'rg', workspaceName: 'ws' },
  webserviceName: 'svc',
  modelName: 'best_model',
  modelVersion: '1',
  designation: 'inputs',
};
const NUMBERS = ['feat0', 'feat1', 'feat2', 'feat3', 'feat4', 'feat5', 'feat6', 'feat9'];
const SUM = 5;
const NULLS = 9;
const TEXT = 8;

answer<ReadingInput, ReadingOutput>(async (input) => {
  const sums: Sums = { rows: 0, sum: 0, nulls: 0, characters: 0 };
  const read = await prepare(input, sums);
  const started = performance.now();
  await read();
  const elapsed = performance.now() - started;
  return { ...sums, elapsed, peakBytes: process.resourceUsage().maxRSS * 1024 };
});

/** Loads what the reader needs, and gives what is timed. */
async function prepare({ reader, directory, pattern }: ReadingInput, sums: Sums): Promise<() => Promise<void>> {
  if (reader.startsWith('csv-')) {
    const { parse } = await import('csv-parse');
    const files = globSync(pattern).sort();
    return async () => {
      for (const file of files) {
        const source = createReadStream(file);
        if (reader === 'csv-strings') {
          for await (const cells of source.pipe(parse({ from: 2 }))) {
            addCells(sums, cells as string[]);
          }
        } else {
          for await (const row of source.pipe(parse({ columns: true, cast }))) {
            addRow(sums, row as Row);
          }
        }
      }
    };
  }
  if (reader === 'duckdb-objects') {
    const { DuckDBInstance } = await import('@duckdb/node-api');
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    return async () => {
      const result = await connection.stream(`select * from read_csv('${pattern}')`);
      for await (const rows of result.yieldRowObjectJs()) {
        for (const row of rows) {
          addRow(sums, row);
        }
      }
    };
  }
  const { CollectedData } = await import('@azureml-ts/data');
  const data = await CollectedData.open({ ...STREAM, storage: { directory } });
  switch (reader) {
    case 'ours-strings':
      return async () => {
        for await (const row of data.rows<Record<string, string>>({ types: 'strings' })) {
          sums.rows += 1;
          sums.sum += Number(row[`feat${SUM}`]);
          sums.nulls += row[`feat${NULLS}`] === '' ? 1 : 0;
          sums.characters += row[`feat${TEXT}`]?.length ?? 0;
        }
      };
    case 'ours-objects':
      return async () => {
        for await (const row of data.rows({ types: typesOf('number') })) {
          addRow(sums, row);
        }
      };
    case 'ours-batches':
    case 'ours-batches-reused':
    case 'ours-batches-texts':
      return async () => {
        for await (const { rowCount, columns } of data.batches({ reuse: reader !== 'ours-batches' })) {
          sums.rows += rowCount;
          for (const column of columns) {
            if (column.name === `feat${SUM}` && column.type === 'int64') {
              // As 32-bit halves: these numbers are small, and adding bigints would be what is measured.
              const halves = new Int32Array(column.values.buffer, column.values.byteOffset, rowCount * 2);
              for (let at = 0; at < halves.length; at += 2) {
                sums.sum += halves[at] ?? 0;
              }
            } else if (column.name === `feat${NULLS}`) {
              sums.nulls += column.nulls?.reduce((count, value) => count + value, 0) ?? 0;
            } else if (column.type === 'string' && reader === 'ours-batches-texts') {
              const characters = column.values.reduce((count, text) => count + (text?.length ?? 0), 0);
              sums.characters += column.name === `feat${TEXT}` ? characters : 0;
            } else if (column.name === `feat${TEXT}` && column.type === 'string') {
              // These texts are ASCII: as many bytes as characters.
              sums.characters += column.utf8?.bytes.length ?? 0;
            }
          }
        }
      };
    default:
      // A process that has loaded the package, opened the data, and read nothing.
      return () => new Promise((resolve) => setTimeout(resolve, 500));
  }
}

function typesOf(type: 'number'): Record<string, 'number'> {
  return Object.fromEntries(NUMBERS.map((name) => [name, type]));
}

const IS_NUMBER = new Set(NUMBERS);

/** The usual way to typed rows with csv-parse. */
function cast(text: string, { header, column }: { readonly header: boolean; readonly column: unknown }): unknown {
  if (header) {
    return text;
  }
  if (text === '') {
    return null;
  }
  return IS_NUMBER.has(column as string) ? Number(text) : text;
}

function addCells(sums: Sums, cells: readonly string[]): void {
  sums.rows += 1;
  sums.sum += Number(cells[SUM]);
  sums.nulls += cells[NULLS] === '' ? 1 : 0;
  sums.characters += cells[TEXT]?.length ?? 0;
}

function addRow(sums: Sums, row: Row): void {
  sums.rows += 1;
  sums.sum += Number(row[`feat${SUM}`]);
  sums.nulls += row[`feat${NULLS}`] === null ? 1 : 0;
  sums.characters += String(row[`feat${TEXT}`]).length;
}
