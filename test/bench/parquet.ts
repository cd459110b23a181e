import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Cell, CORRELATION_COLUMNS, dataFilePath, encodeRow, encodeRows } from '@azureml-ts/monitoring/format';
import type { ParquetInput, ParquetOutput } from './children/parquet.ts';
import type { Bench } from './support/bench.ts';
import { runChild } from './support/child.ts';
import { runCommand } from './support/command.ts';
import type { Figure } from './support/figure.ts';
import { formatValue } from './support/format.ts';
import { pythonWith } from './support/python.ts';
import { interleave } from './support/rounds.ts';
import { featureNames, makeRows } from './support/rows.ts';
import { medianOf } from './support/statistics.ts';

const STREAM = {
  workspace: { subscriptionId: 'sub', resourceGroup: 'rg', workspaceName: 'ws' },
  webserviceName: 'svc',
  modelVersion: '1',
  designation: 'inputs',
};
const PYARROW = '26.0.1';
const ROWS = 800_000;
const WARM_UP_ROWS = 20_000;
/** So many rows are made, and repeated with other doubles. */
const BLOCK = 65_536;
const SCRIPT = fileURLToPath(new URL('peers/pyarrow_parquet.py', import.meta.url));
const COMPARE = fileURLToPath(new URL('peers/pyarrow_compare.py', import.meta.url));

/** Collected rows to Parquet. */
export const parquet: Bench = {
  name: 'parquet',
  title: 'Collected rows to Parquet',
  about: `A CSV file of ${ROWS.toLocaleString('en-US')} collected rows (10 mixed cells and the four columns of the call) becomes a Parquet file with zstd: ours with \`toParquet\`, beside pyarrow ${PYARROW} batch by batch (\`csv.open_csv\`, \`ParquetWriter\`), and with the whole table in memory (\`csv.read_csv\`, \`write_table\`). Both infer types, allow line breaks in cells, and have done the same with ${WARM_UP_ROWS.toLocaleString('en-US')} rows before. That both files hold the same rows is checked.`,
  async run({ progress }) {
    const folder = mkdtempSync(join(tmpdir(), 'azureml-ts-bench-'));
    try {
      progress('writing the rows');
      const directory = join(folder, 'collected');
      const small = writeRows(directory, 'small', WARM_UP_ROWS);
      const large = writeRows(directory, 'large', ROWS);
      const python = await pythonWith('pyarrow', PYARROW, 'pyarrow.csv, pyarrow.parquet').catch(
        (error: unknown) => error as Error,
      );
      const ours = (): Promise<ParquetOutput> => {
        const target = join(folder, 'ours');
        rmSync(target, { recursive: true, force: true });
        return runChild<ParquetInput, ParquetOutput>('parquet.ts', { directory, stream: STREAM, target });
      };
      if (python instanceof Error) {
        const results = await interleave(3, { ours }, progress);
        return { figures: figures(results.ours), remarks: [`Not beside pyarrow: ${python.message}`] };
      }
      const peer = (mode: 'stream' | 'whole') => async (): Promise<ParquetOutput> =>
        JSON.parse(await runCommand(python, [SCRIPT, mode, small, large, join(folder, `${mode}.parquet`)]));
      const results = await interleave(3, { ours, stream: peer('stream'), whole: peer('whole') }, progress);
      await runCommand(python, [COMPARE, join(folder, 'ours/large/part-0.parquet'), join(folder, 'stream.parquet')]);
      return {
        figures: figures(results.ours, results.stream, results.whole),
        remarks: [
          `Of the memory, the process had before the first row: ours ${megabytes(results.ours)}, pyarrow ${megabytes(results.stream)}. Ours does not grow with the number of rows.`,
        ],
      };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

function figures(
  ours: readonly ParquetOutput[],
  stream?: readonly ParquetOutput[],
  whole?: readonly ParquetOutput[],
): Figure[] {
  const rate = ({ rows, milliseconds }: ParquetOutput) => (rows / milliseconds) * 1000;
  const line = (peer: readonly ParquetOutput[] | undefined, pick: (result: ParquetOutput) => number) => ({
    ours: medianOf(ours, pick),
    ...(peer === undefined ? {} : { peer: medianOf(peer, pick) }),
  });
  return [
    {
      name: 'CSV to Parquet',
      unit: 'rows/s',
      ...line(stream, rate),
      peerName: 'pyarrow, batch by batch',
      compare: 'share',
      target: { of: 'ratio', atLeast: 0.5, text: 'at least 1/2' },
    },
    ...(whole === undefined
      ? []
      : ([
          {
            name: 'CSV to Parquet',
            unit: 'rows/s',
            ...line(whole, rate),
            peerName: 'pyarrow, whole table',
            compare: 'share',
          },
        ] satisfies Figure[])),
    {
      name: 'most memory',
      unit: 'bytes',
      ...line(stream, ({ peak }) => peak),
      peerName: 'pyarrow, batch by batch',
      compare: 'cost',
    },
    ...(whole === undefined
      ? []
      : ([
          {
            name: 'most memory',
            unit: 'bytes',
            ...line(whole, ({ peak }) => peak),
            peerName: 'pyarrow, whole table',
            compare: 'cost',
          },
        ] satisfies Figure[])),
    {
      name: 'size of the file',
      unit: 'bytes',
      ...line(whole, ({ bytes }) => bytes),
      peerName: 'pyarrow, whole table',
      compare: 'cost',
    },
  ];
}

function megabytes(results: readonly ParquetOutput[]): string {
  return formatValue(
    medianOf(results, ({ idle }) => idle),
    'bytes',
  );
}

/** A cell in another round of the rows: doubles never come again. */
function changed(cell: Cell, round: number): Cell {
  return typeof cell === 'number' && !Number.isInteger(cell) ? cell * (1 + round / 97) : cell;
}

/** Writes rows as the collector does, four to a call. Gives the path of the file. */
function writeRows(directory: string, modelName: string, count: number): string {
  const day = '2026-03-04';
  const file = join(directory, 'modeldata', dataFilePath({ ...STREAM, modelName }, day));
  mkdirSync(dirname(file), { recursive: true });
  const rows = makeRows('mix10', Math.min(count, BLOCK));
  const handle = openSync(file, 'w');
  writeSync(handle, encodeRow([...featureNames('mix10'), ...CORRELATION_COLUMNS]));
  for (let from = 0; from < count; from += 4096) {
    const block = Array.from({ length: Math.min(4096, count - from) }, (_, index) => {
      const call = Math.floor((from + index) / 4) + 1;
      const time = new Date(Date.parse(day) + call * 50).toISOString();
      return [
        ...(rows[(from + index) % rows.length] ?? []).map((cell) => changed(cell, Math.floor((from + index) / BLOCK))),
        `01jd5ab3c4d5-${call}`,
        null,
        time,
        `${call.toString(16).padStart(8, '0')}-5ca1-4ab1-8def-0123456789ab`,
      ];
    });
    writeSync(handle, encodeRows(block));
  }
  closeSync(handle);
  return file;
}
