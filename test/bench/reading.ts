import { fileURLToPath } from 'node:url';
import type { ReaderName, ReadingInput, ReadingOutput, ReadingSums } from './children/reading-read.ts';
import type { Bench } from './support/bench.ts';
import { runChild } from './support/child.ts';
import { type CollectedFiles, writeCollectedFiles } from './support/collected-files.ts';
import { runCommand } from './support/command.ts';
import { atLeastTimes, type Figure } from './support/figure.ts';
import { formatValue } from './support/format.ts';
import { pythonWith } from './support/python.ts';
import { type Contender, interleave } from './support/rounds.ts';
import { medianOf } from './support/statistics.ts';

const MEGABYTES = 100;
/** What the memory run reads. */
const LARGE_MEGABYTES = 1000;
const ROUNDS = 3;
const PANDAS = '3.1.1';
const SCRIPT = fileURLToPath(new URL('peers/reading_pandas.py', import.meta.url));
const MEBIBYTE = 1_048_576;
const MOST_MEMORY = 64;

const READERS = [
  'idle',
  'csv-strings',
  'csv-objects',
  'ours-strings',
  'ours-objects',
  'ours-batches',
  'ours-batches-reused',
  'ours-batches-texts',
  'duckdb-objects',
] as const satisfies ReaderName[];
const LARGE_READERS = [
  'idle',
  'ours-strings',
  'ours-objects',
  'ours-batches',
  'ours-batches-reused',
  'ours-batches-texts',
] as const satisfies ReaderName[];

/** Reading collected rows back. */
export const reading: Bench = {
  name: 'reading',
  title: 'Reading collected rows back',
  about: `Files of sixty days with rows of ten mixed features and the four columns of their calls, ${MEGABYTES} MB of them in a folder that is in the system's cache. Each reader has a process of its own; timed is from the first file to the last row, without loading packages. Every reader finds the number of rows, the sum of a feature, its nulls and the length of a text, and all of them must agree. \`rows()\` and csv-parse are read by \`for await\`; \`batches()\` infers its types, DuckDB and pandas too. The memory is the most that a process ever had, with ${LARGE_MEGABYTES} MB of files, less that of one that has loaded the package and reads nothing.`,
  async run({ progress }) {
    const results = await measure(MEGABYTES, READERS, ROUNDS, progress);
    const large = await measure(LARGE_MEGABYTES, LARGE_READERS, 1, (line) =>
      progress(`${LARGE_MEGABYTES} MB, ${line}`),
    );
    const time = (name: string) => medianOf(results.byReader[name] ?? [], ({ elapsed }) => elapsed);
    const line = (name: string, ours: string, peer: string, peerName: string, times?: number): Figure => ({
      name,
      unit: 'ms',
      ours: time(ours),
      peer: results.byReader[peer] === undefined ? undefined : time(peer),
      peerName,
      compare: 'speed-up',
      ...(times === undefined ? {} : { target: atLeastTimes(times) }),
    });
    const idle = medianOf(large.byReader['idle'] ?? [], ({ peakBytes }) => peakBytes);
    const memory = (name: string, reader: string): Figure => ({
      name,
      unit: 'bytes',
      ours: medianOf(large.byReader[reader] ?? [], ({ peakBytes }) => peakBytes) - idle,
      target: { of: 'ours', atMost: MOST_MEMORY * MEBIBYTE, text: `at most ${MOST_MEMORY} MiB` },
    });
    const peaks = Object.entries(results.byReader).map(
      ([name, list]) =>
        `${name} ${formatValue(
          medianOf(list, ({ peakBytes }) => peakBytes),
          'bytes',
        )}`,
    );
    const { files } = results;
    return {
      figures: [
        line('rows of strings', 'ours-strings', 'csv-strings', 'csv-parse, arrays of strings', 4),
        line('typed objects', 'ours-objects', 'csv-objects', 'csv-parse with columns and cast', 5),
        line('typed objects', 'ours-objects', 'duckdb-objects', 'DuckDB for Node, objects'),
        line('batches of columns, `reuse`', 'ours-batches-reused', 'pandas', `pandas ${PANDAS} read_csv`, 0.5),
        line('batches of columns', 'ours-batches', 'pandas', `pandas ${PANDAS} read_csv`, 0.5),
        line('batches of columns', 'ours-batches', 'duckdb-objects', 'DuckDB for Node, objects', 1),
        line('batches, `reuse`, every text made', 'ours-batches-texts', 'pandas', `pandas ${PANDAS} read_csv`, 0.5),
        memory('memory over idle, rows of strings', 'ours-strings'),
        memory('memory over idle, typed objects', 'ours-objects'),
        memory('memory over idle, batches of columns', 'ours-batches'),
        memory('memory over idle, batches of columns, `reuse`', 'ours-batches-reused'),
        memory('memory over idle, batches, `reuse`, every text made', 'ours-batches-texts'),
      ],
      remarks: [
        `${files.rows.toLocaleString('en-US')} rows, ${formatValue(files.bytes, 'bytes')}. All sums agree. An idle process had ${formatValue(idle, 'bytes')} in the memory run.`,
        `Most memory of each process with ${MEGABYTES} MB: ${peaks.join('; ')}.`,
        ...results.skipped,
      ],
    };
  },
};

interface Measured {
  readonly files: Pick<CollectedFiles, 'rows' | 'bytes'>;
  readonly byReader: Readonly<Record<string, readonly ReadingOutput[]>>;
  readonly skipped: readonly string[];
}

async function measure(
  megabytes: number,
  readers: readonly ReaderName[],
  rounds: number,
  progress: (line: string) => void,
): Promise<Measured> {
  progress('writing the files');
  using files = writeCollectedFiles(megabytes);
  const { directory, pattern } = files;
  const contenders: Record<string, Contender<ReadingOutput>> = Object.fromEntries(
    readers.map((reader) => [
      reader,
      () =>
        runChild<ReadingInput, ReadingOutput>(
          'reading-read.ts',
          { reader, directory, pattern },
          { timeoutMs: 600_000 },
        ),
    ]),
  );
  const skipped: string[] = [];
  if (readers.includes('csv-strings')) {
    try {
      progress(`Python with pandas ${PANDAS}`);
      const python = await pythonWith('pandas', PANDAS, 'pandas');
      contenders['pandas'] = async () => JSON.parse(await runCommand(python, [SCRIPT, pattern])) as ReadingOutput;
    } catch (error) {
      skipped.push(`Without pandas: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  const byReader = await interleave(rounds, contenders, progress);
  checkSums(files.rows, byReader);
  return { files: { rows: files.rows, bytes: files.bytes }, byReader, skipped };
}

/** Who skips rows would be fast. */
function checkSums(rows: number, byReader: Readonly<Record<string, readonly ReadingSums[]>>): void {
  const keyOf = ({ rows: count, sum, nulls, characters }: ReadingSums) => [count, sum, nulls, characters].join(' ');
  const found = Object.entries(byReader).filter(([name]) => name !== 'idle');
  const keys = new Set(found.flatMap(([, list]) => list.map(keyOf)));
  const [first] = found[0]?.[1] ?? [];
  if (keys.size !== 1 || first?.rows !== rows) {
    const each = found.map(([name, list]) => `${name}: ${list.map(keyOf).join(', ')}`);
    throw new Error(`The readers did not find the same in ${rows} rows. ${each.join('; ')}.`);
  }
}
