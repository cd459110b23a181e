import type { CollectInput, CollectOutput } from './children/collect.ts';
import type { Bench } from './support/bench.ts';
import { runChild } from './support/child.ts';
import type { ContenderName } from './support/contenders.ts';
import { atMostOneIn, type Figure } from './support/figure.ts';
import { formatValue } from './support/format.ts';
import { interleave } from './support/rounds.ts';
import { medianOf } from './support/statistics.ts';

/** What a call costs its caller. */
export const collect: Bench = {
  name: 'collect',
  title: 'What one call costs its caller',
  about:
    'One row of 10 mixed cells a call (5 doubles, 2 integers, 2 texts, 1 nullable), no request around it. csv-stringify writes to a stream that is read; OpenTelemetry emits a log record with the row as attributes, which copies and checks it as `collect` does (with the row as body it only keeps a pointer), to a batch processor and an exporter that does nothing. Each contender has a process of its own in each round.',
  async run({ progress }) {
    const measure = (contender: ContenderName) => () =>
      runChild<CollectInput, CollectOutput>('collect.ts', { contender, blocks: 1200 });
    const results = await interleave(
      5,
      {
        ours: measure('ours'),
        'csv-stringify': measure('csv-stringify'),
        'ours-journal': measure('ours-journal'),
        'otel-attributes': measure('otel-attributes'),
        'otel-body': measure('otel-body'),
      },
      progress,
    );
    const of = (name: keyof typeof results, pick: (result: CollectOutput) => number) => medianOf(results[name], pick);
    const single = ({ single }: CollectOutput) => single;
    const csv = {
      peer: of('csv-stringify', single),
      peerName: 'csv-stringify `stream.write`',
      target: atMostOneIn(20),
    };
    const otel = { peer: of('otel-attributes', single), peerName: 'OpenTelemetry `emit`', target: atMostOneIn(8) };
    const body = { peer: of('otel-body', single), peerName: 'OpenTelemetry `emit`, row as body' };
    const figures: Figure[] = [];
    for (const [name, label] of [
      ['ours', 'journal off'],
      ['ours-journal', 'journal on'],
    ] as const) {
      const line = { unit: 'ns', ours: of(name, single), compare: 'cost' } as const;
      figures.push(
        { name: `\`collect\`, median call, ${label}`, ...line, ...csv },
        { name: `\`collect\`, median call, ${label}`, ...line, ...otel },
        { name: `\`collect\`, median call, ${label}`, ...line, ...body },
        {
          name: `\`collect\`, in blocks of 64 calls, ${label}`,
          unit: 'ns',
          ours: of(name, ({ block }) => block),
          peer: of('csv-stringify', ({ block }) => block),
          peerName: csv.peerName,
          compare: 'cost',
        },
        {
          name: `\`collect\`, mean, encoding included, ${label}`,
          unit: 'ns',
          ours: of(name, ({ mean }) => mean),
          peer: of('csv-stringify', ({ mean }) => mean),
          peerName: csv.peerName,
          compare: 'cost',
        },
        {
          name: `\`collect\`, p99.9, ${label}`,
          unit: 'ns',
          ours: of(name, ({ p999 }) => p999),
          peer: of('csv-stringify', ({ p999 }) => p999),
          peerName: csv.peerName,
          compare: 'cost',
        },
      );
    }
    return {
      figures,
      remarks: [
        `Reading the timer twice takes ${formatValue(
          of('ours', ({ timer }) => timer),
          'ns',
        )}, which is subtracted from single calls. A block reads it twice for 64 calls; its median leaves out the blocks with a slice to encode, one of four, and has all in it that makes one call dearer than the next.`,
        `OpenTelemetry with the row as attributes: in blocks ${formatValue(
          of('otel-attributes', ({ block }) => block),
          'ns',
        )}, mean ${formatValue(
          of('otel-attributes', ({ mean }) => mean),
          'ns',
        )}, p99.9 ${formatValue(
          of('otel-attributes', ({ p999 }) => p999),
          'ns',
        )}.`,
      ],
    };
  },
};
