import type { SteadyInput, SteadyOutput } from './children/steady.ts';
import type { Bench } from './support/bench.ts';
import { runChild } from './support/child.ts';
import { atMostOneIn, type Figure, type Target } from './support/figure.ts';
import { formatValue } from './support/format.ts';
import { interleave } from './support/rounds.ts';
import { medianOf } from './support/statistics.ts';

const ROWS_PER_SECOND = 10_000;
const SECONDS = 10;
const NO_PAUSE: Target = { of: 'ours', atMost: 2, text: 'at most 2 ms' };

/** What a busy server notices. */
export const steady: Bench = {
  name: 'steady',
  title: '10,000 rows a second for 10 seconds',
  about:
    'Each millisecond the rows that are due are taken. A pause of its own is the most processor time that the main thread took between two ticks: garbage collection is in it, and a wait for a core of a busy machine is not. The delay of the event loop (`monitorEventLoopDelay`) has the jitter of the machine in it; what counts there is the difference to an idle run of the same length, with the same ticks and no contender.',
  async run({ progress }) {
    const measure = (contender: SteadyInput['contender']) => () =>
      runChild<SteadyInput, SteadyOutput>('steady.ts', {
        contender,
        rowsPerSecond: ROWS_PER_SECOND,
        seconds: SECONDS,
      });
    const results = await interleave(
      3,
      {
        idle: measure('idle'),
        ours: measure('ours'),
        'csv-stringify': measure('csv-stringify'),
        'ours-journal': measure('ours-journal'),
      },
      progress,
    );
    const of = (name: keyof typeof results, pick: (result: SteadyOutput) => number) => medianOf(results[name], pick);
    const figures: Figure[] = [];
    for (const [name, label] of [
      ['ours', 'journal off'],
      ['ours-journal', 'journal on'],
    ] as const) {
      figures.push(
        {
          name: `longest pause of its own, ${label}`,
          unit: 'ms',
          ours: of(name, ({ cpuMost }) => cpuMost),
          peer: of('csv-stringify', ({ cpuMost }) => cpuMost),
          peerName: 'csv-stringify stream',
          compare: 'cost',
          target: NO_PAUSE,
        },
        {
          name: `largest delay of the event loop beyond the idle run's, ${label}`,
          unit: 'ms',
          ours: Math.max(0, of(name, ({ delayMost }) => delayMost) - of('idle', ({ delayMost }) => delayMost)),
          peer: of('idle', ({ delayMost }) => delayMost),
          peerName: 'in the idle run',
          target: NO_PAUSE,
        },
        {
          name: `garbage collections, ${label}`,
          unit: 'times',
          ours: of(name, ({ collections }) => collections),
          peer: of('csv-stringify', ({ collections }) => collections),
          peerName: 'csv-stringify stream',
          compare: 'cost',
          target: atMostOneIn(5),
        },
        {
          name: `processor, ${label}`,
          unit: 'percent',
          ours: of(name, ({ cpuPercent }) => cpuPercent),
          peer: of('csv-stringify', ({ cpuPercent }) => cpuPercent),
          peerName: 'csv-stringify stream',
          compare: 'cost',
        },
      );
    }
    const idle = [
      `${of('idle', ({ collections }) => collections)} collections`,
      `${formatValue(
        of('idle', ({ cpuPercent }) => cpuPercent),
        'percent',
      )} processor`,
      `a pause of ${formatValue(
        of('idle', ({ cpuMost }) => cpuMost),
        'ms',
      )} at most`,
    ];
    const each = (pick: (result: SteadyOutput) => number) =>
      (['idle', 'ours', 'ours-journal', 'csv-stringify'] as const)
        .map((name) => `${name} ${formatValue(of(name, pick), 'ms')}`)
        .join(', ');
    return {
      figures,
      remarks: [
        `The idle run itself: ${idle.join(', ')}.`,
        `99.9th percentile of the delay of the event loop: ${each(({ delayP999 }) => delayP999)}.`,
        `Longest time by the clock that the event loop was busy between two ticks: ${each(({ busyMost }) => busyMost)}.`,
      ],
    };
  },
};
