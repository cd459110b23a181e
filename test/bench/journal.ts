import type { JournalInput, JournalOutput } from './children/journal.ts';
import type { Bench } from './support/bench.ts';
import { runChild } from './support/child.ts';
import { atLeastTimes, atMostTimes } from './support/figure.ts';
import { formatValue } from './support/format.ts';
import { interleave } from './support/rounds.ts';
import { medianOf } from './support/statistics.ts';

/** What it costs that rows survive the process. */
export const journal: Bench = {
  name: 'journal',
  title: 'The journal',
  about:
    'Slices of 256 rows are framed and written by the journal, and the same bytes by one `fs.writeSync` each to another file, in turns. Then what the journal wrote is scanned as after a crash, and read in pieces of 1 MiB with a CRC-32 and nothing else, in turns. Neither syncs the disk: the journal is made to survive the process. The files are in the cache of the system.',
  async run({ progress }) {
    const { runs } = await interleave(
      5,
      { runs: () => runChild<JournalInput, JournalOutput>('journal.ts', { slices: 600 }) },
      progress,
    );
    const of = (pick: (result: JournalOutput) => number) => medianOf(runs, pick);
    return {
      figures: [
        {
          name: 'writing a slice, median',
          unit: 'ns',
          ours: of(({ write }) => write),
          peer: of(({ bareWrite }) => bareWrite),
          peerName: 'a bare `fs.writeSync`',
          compare: 'cost',
          target: atMostTimes(1.5),
        },
        {
          name: 'writing a slice, median',
          unit: 'ns',
          ours: of(({ write }) => write),
          peer: of(({ bareWrite, checksum }) => bareWrite + checksum),
          peerName: 'a bare `fs.writeSync` and a CRC-32',
          compare: 'cost',
        },
        {
          name: 'writing a slice, mean',
          unit: 'ns',
          ours: of(({ writeMean }) => writeMean),
          peer: of(({ bareWriteMean }) => bareWriteMean),
          peerName: 'a bare `fs.writeSync`',
          compare: 'cost',
        },
        {
          name: 'recovery scan',
          unit: 'MB/s',
          ours: of(({ scan }) => scan),
          peer: of(({ bareRead }) => bareRead),
          peerName: 'reading with CRC',
          compare: 'share',
          target: atLeastTimes(0.5),
        },
      ],
      remarks: [
        `A slice is ${formatValue(
          of(({ sliceBytes }) => sliceBytes),
          'bytes',
        )}, the segment ${formatValue(
          of(({ fileBytes }) => fileBytes),
          'bytes',
        )}. Writing costs ${formatValue(of(({ write }) => write) / 256, 'ns')} a row.`,
      ],
    };
  },
};
