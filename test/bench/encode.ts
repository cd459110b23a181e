import type { EncodeInput, EncodeOutput } from './children/encode.ts';
import type { Bench } from './support/bench.ts';
import { runChild } from './support/child.ts';
import { atLeastTimes, type Figure } from './support/figure.ts';
import { interleave } from './support/rounds.ts';
import type { RowKind } from './support/rows.ts';
import { medianOf } from './support/statistics.ts';

const KINDS: Readonly<Record<RowKind, { readonly label: string; readonly times: number }>> = {
  mix10: { label: '10 mixed cells', times: 4 },
  float10: { label: '10 doubles', times: 2.5 },
  mix100: { label: '100 mixed cells', times: 4 },
  float100: { label: '100 doubles', times: 2.5 },
};

/** Rows to bytes, and nothing else. */
export const encode: Bench = {
  name: 'encode',
  title: 'Encoding alone',
  about:
    '`encodeRows` beside `stringify` of csv-stringify/sync, rows of arrays to a buffer of UTF-8, in turns in one process; that the bytes are equal is checked before. How long the language itself takes (`String`) for the numbers of a row, and nothing else, stands beside it.',
  async run({ progress }) {
    const measure = (kind: RowKind) => () => runChild<EncodeInput, EncodeOutput>('encode.ts', { kind });
    const results = await interleave(
      3,
      {
        mix10: measure('mix10'),
        float10: measure('float10'),
        mix100: measure('mix100'),
        float100: measure('float100'),
      },
      progress,
    );
    const figures: Figure[] = (Object.keys(KINDS) as RowKind[]).flatMap((kind) => {
      const line = {
        name: `encode, a row of ${KINDS[kind].label}`,
        unit: 'ns',
        ours: medianOf(results[kind], ({ ours }) => ours),
        compare: 'speed-up',
      } as const;
      return [
        {
          ...line,
          peer: medianOf(results[kind], ({ csv }) => csv),
          peerName: 'csv-stringify sync',
          target: atLeastTimes(KINDS[kind].times),
        },
        { ...line, peer: medianOf(results[kind], ({ floor }) => floor), peerName: '`String` of its numbers alone' },
      ];
    });
    const bytes = (Object.keys(KINDS) as RowKind[]).map(
      (kind) => `${Math.round(medianOf(results[kind], ({ rowBytes }) => rowBytes))} (${KINDS[kind].label})`,
    );
    return {
      figures,
      remarks: [`The bytes are equal to those of csv-stringify. Bytes of a row: ${bytes.join(', ')}.`],
    };
  },
};
