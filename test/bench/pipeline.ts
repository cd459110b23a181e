import type { PipelineInput, PipelineOutput } from './children/pipeline.ts';
import type { Bench } from './support/bench.ts';
import { runChild } from './support/child.ts';
import type { ContenderName } from './support/contenders.ts';
import { atLeastTimes, type Figure } from './support/figure.ts';
import { interleave } from './support/rounds.ts';
import { medianOf } from './support/statistics.ts';

/** What a row costs from the call to the bytes. */
export const pipeline: Bench = {
  name: 'pipeline',
  title: 'A row from the call to its bytes',
  about:
    'Everything that a row costs, by the clock: the call, its text, the journal where it is on, and handing the bytes to a store that forgets them. csv-stringify is a stream that is read; pino writes a line a row to /dev/null, at once, as it does by itself. Ours writes four more columns than csv-stringify.',
  async run({ progress }) {
    const measure = (contender: ContenderName) => () =>
      runChild<PipelineInput, PipelineOutput>('pipeline.ts', { contender, rows: 96_000 });
    const results = await interleave(
      5,
      {
        ours: measure('ours'),
        'csv-stringify': measure('csv-stringify'),
        pino: measure('pino'),
        'ours-journal': measure('ours-journal'),
      },
      progress,
    );
    const of = (name: keyof typeof results, pick: (result: PipelineOutput) => number) => medianOf(results[name], pick);
    const elapsed = (result: PipelineOutput) => result.elapsed;
    const cpu = (result: PipelineOutput) => result.cpu;
    const figures: Figure[] = [];
    for (const [name, label] of [
      ['ours', 'journal off'],
      ['ours-journal', 'journal on'],
    ] as const) {
      const line = { unit: 'ns', compare: 'speed-up' } as const;
      const clock = { name: `\`collect\` + encode, a row, ${label}`, ...line, ours: of(name, elapsed) };
      figures.push(
        { ...clock, peer: of('csv-stringify', elapsed), peerName: 'csv-stringify stream', target: atLeastTimes(2) },
        { ...clock, peer: of('pino', elapsed), peerName: 'pino', target: atLeastTimes(4) },
        {
          name: `the same, processor time, ${label}`,
          ...line,
          ours: of(name, cpu),
          peer: of('csv-stringify', cpu),
          peerName: 'csv-stringify stream',
        },
      );
    }
    return { figures, remarks: [] };
  },
};
