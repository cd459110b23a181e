import { closeSync, mkdtempSync, openSync, readdirSync, readSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { systemClock } from '@azureml-ts/common';
import { encodeRows } from '@azureml-ts/monitoring/format';
import type { EncodedSlice } from '../../../packages/monitoring/src/engine/batch.ts';
import { RowJournal } from '../../../packages/monitoring/src/journal/row-journal.ts';
import { scanSegment } from '../../../packages/monitoring/src/journal/segment-scan.ts';
import { RowSchema } from '../../../packages/monitoring/src/rows/row-schema.ts';
import { answer } from '../support/child.ts';
import { featureNames, makeRows } from '../support/rows.ts';
import { mean, median } from '../support/statistics.ts';

/** What to measure. */
export interface JournalInput {
  /** Slices to write, each of 256 rows. */
  readonly slices: number;
}

/** Nanoseconds a slice, and megabytes a second. */
export interface JournalOutput {
  readonly write: number;
  readonly writeMean: number;
  readonly bareWrite: number;
  readonly bareWriteMean: number;
  /** A CRC-32 of the bytes alone. */
  readonly checksum: number;
  readonly sliceBytes: number;
  readonly scan: number;
  readonly bareRead: number;
  readonly fileBytes: number;
}

const SLICE_ROWS = 256;
const WARM_UP_SLICES = 100;
const SCANS = 9;
const PIECE_BYTES = 1_048_576;

answer<JournalInput, JournalOutput>(async ({ slices: count }) => {
  const directory = mkdtempSync(join(tmpdir(), 'azureml-ts-bench-'));
  try {
    const slices = makeSlices(WARM_UP_SLICES + count);
    const written = measureWrites(directory, slices);
    return { ...written, ...(await measureScans(directory)) };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});

/** The slices are written by both in turns, each to a file of its own. */
function measureWrites(
  directory: string,
  slices: readonly EncodedSlice[],
): Omit<JournalOutput, 'scan' | 'bareRead' | 'fileBytes'> {
  const workspace = { subscriptionId: 's', resourceGroup: 'g', workspaceName: 'w' };
  const stream = { workspace, webserviceName: 'v', modelName: 'm', modelVersion: '1', designation: 'inputs' };
  const key = { stream, day: '2025/06/11' as const, schema: new RowSchema(featureNames('mix10')) };
  const journal = new RowJournal({
    directory: join(directory, 'journal'),
    maxBytes: 1_073_741_824,
    storage: 'the store of a bench',
    writer: 'bench',
    stream,
    clock: systemClock,
    onTrouble: (trouble) => {
      throw new Error(`The journal is in trouble: ${JSON.stringify(trouble)}`);
    },
  });
  const bare = openSync(join(directory, 'bare'), 'wx', 0o600);
  const times = { ours: [] as number[], bare: [] as number[], checksum: [] as number[] };
  for (const slice of slices) {
    // Joined before: a bare write is one call with one buffer.
    const bytes = Buffer.concat(slice.pieces);
    const start = performance.now();
    const became = journal.write(key, slice, {
      collected: slice.sequence * SLICE_ROWS,
      dropped: {},
      lastCall: slice.sequence,
    });
    const between = performance.now();
    writeSync(bare, bytes);
    const end = performance.now();
    crc32(bytes);
    const checked = performance.now();
    if (became !== 'durable') {
      throw new Error(`The journal did not write a slice: ${became}.`);
    }
    if (slice.sequence > WARM_UP_SLICES) {
      times.ours.push((between - start) * 1e6);
      times.bare.push((end - between) * 1e6);
      times.checksum.push((checked - end) * 1e6);
    }
  }
  closeSync(bare);
  return {
    write: median(times.ours),
    writeMean: mean(times.ours),
    bareWrite: median(times.bare),
    bareWriteMean: mean(times.bare),
    checksum: median(times.checksum),
    sliceBytes: mean(slices.map(({ byteLength }) => byteLength)),
  };
}

/** The segment that the writes have left, read by the recovery and plainly with a checksum, in turns. */
async function measureScans(directory: string): Promise<Pick<JournalOutput, 'scan' | 'bareRead' | 'fileBytes'>> {
  const path = largestFileBelow(join(directory, 'journal'));
  const fileBytes = statSync(path).size;
  const times = { scan: [] as number[], read: [] as number[] };
  for (let turn = 0; turn < SCANS; turn += 1) {
    const start = performance.now();
    const { ending, readableBytes } = await scanSegment(path);
    const between = performance.now();
    readWithChecksum(path);
    const end = performance.now();
    if (ending !== 'whole' || readableBytes !== fileBytes) {
      throw new Error(`The segment is ${ending}: ${readableBytes} of ${fileBytes} bytes can be read.`);
    }
    times.scan.push(between - start);
    times.read.push(end - between);
  }
  const speed = (list: readonly number[]) => fileBytes / 1000 / median(list);
  return { scan: speed(times.scan), bareRead: speed(times.read), fileBytes };
}

function makeSlices(count: number): EncodedSlice[] {
  // As the lines of a collector, with its four correlation columns.
  const ids = ['3f2b8c1d9e4a-1234567', undefined, '2025-06-11T08:15:30.000Z', undefined];
  const rows = makeRows('mix10', 16 * SLICE_ROWS).map((row) => [...row, ...ids]);
  return Array.from({ length: count }, (_, index) => {
    const first = (index % 16) * SLICE_ROWS;
    const bytes = encodeRows(rows.slice(first, first + SLICE_ROWS));
    return { sequence: index + 1, pieces: [bytes], byteLength: bytes.length, rowCount: SLICE_ROWS };
  });
}

function readWithChecksum(path: string): number {
  const descriptor = openSync(path, 'r');
  const piece = Buffer.allocUnsafe(PIECE_BYTES);
  let crc = 0;
  for (let bytes = readSync(descriptor, piece); bytes > 0; bytes = readSync(descriptor, piece)) {
    crc = crc32(piece.subarray(0, bytes), crc);
  }
  closeSync(descriptor);
  return crc;
}

function largestFileBelow(folder: string): string {
  const files = readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  return files.reduce((most, file) => (statSync(file).size > statSync(most).size ? file : most));
}
