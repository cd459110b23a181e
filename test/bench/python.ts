import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CallsInput, CallsOutput } from './children/calls.ts';
import type { Bench } from './support/bench.ts';
import { runChild } from './support/child.ts';
import { runCommand } from './support/command.ts';
import type { Figure } from './support/figure.ts';
import { formatValue } from './support/format.ts';
import { pythonWith } from './support/python.ts';
import { interleave } from './support/rounds.ts';
import { featureNames, makeRows, toRecord } from './support/rows.ts';
import { startSidecar } from './support/sidecar.ts';
import { medianOf } from './support/statistics.ts';

const PEER = 'azureml-ai-monitoring';
const VERSION = '1.0.0';
const SCRIPT = fileURLToPath(new URL('peers/azureml_ai_monitoring.py', import.meta.url));

interface Measured extends CallsOutput {
  /** Rows that the stand-in was sent. */
  readonly delivered: number;
  /** Version of pandas, from the Python side. */
  readonly pandas?: string;
}

const RUNS = {
  burst: { count: 5000, rate: 0, mode: 'wait', label: 'a burst of 5,000 rows' },
  paced: { count: 6000, rate: 2000, mode: 'wait', label: '2,000 rows a second for 3 s' },
  exit: { count: 1000, rate: 0, mode: 'exit', label: '1,000 rows, then the process ends' },
} as const;

type RunName = keyof typeof RUNS;

/** Beside the Python package. */
export const python: Bench = {
  name: 'python',
  title: `Beside ${PEER} ${VERSION} for Python`,
  about: `The same rows one by one: records here, one-row frames of pandas there, made before. Both send to a stand-in on the loopback interface, in the process of the bench, that answers at once: ${PEER} to the collection sidecar's path, ours in batches through a sink of its own. ${PEER} gets all the time it needs to send what it has queued, but where the process ends. Ours is closed, but where the process ends. Journal off.`,
  async run({ progress }) {
    progress(`Python with ${PEER} ${VERSION}`);
    const interpreter = await pythonWith(PEER, VERSION, 'azureml.ai.monitoring, pandas');
    await using sidecar = await startSidecar();
    const folder = mkdtempSync(join(tmpdir(), 'azureml-ts-bench-'));
    try {
      const names = featureNames('mix10');
      const records = makeRows('mix10', 512).map((row) => toRecord(row, names));
      const frames = join(folder, 'frames.json');
      writeFileSync(frames, JSON.stringify(records));
      const ours = (name: RunName) => async (): Promise<Measured> => {
        const { count, rate, mode } = RUNS[name];
        const url = `http://127.0.0.1:${sidecar.port}/lines`;
        const result = await runChild<CallsInput, CallsOutput>('calls.ts', { url, records, count, rate, mode });
        return { ...result, delivered: sidecar.takeCount() };
      };
      const peer = (name: RunName) => async (): Promise<Measured> => {
        const { count, rate, mode } = RUNS[name];
        const printed = await runCommand(interpreter, [SCRIPT, frames, String(count), String(rate), mode], {
          env: { AZUREML_MDC_ENABLED: 'true', AZUREML_MDC_PORT: String(sidecar.port) },
        });
        // One row is sent before the measurement, so that it does not begin with the start of the sender.
        return { ...(JSON.parse(printed) as Measured), delivered: sidecar.takeCount() - 1 };
      };
      const results = await interleave(
        3,
        {
          burst: ours('burst'),
          'burst-peer': peer('burst'),
          paced: ours('paced'),
          'paced-peer': peer('paced'),
          exit: ours('exit'),
          'exit-peer': peer('exit'),
        },
        progress,
      );
      const figures: Figure[] = [];
      const tails: string[] = [];
      for (const name of Object.keys(RUNS) as RunName[]) {
        const { label, count } = RUNS[name];
        const [own, other] = [results[name], results[`${name}-peer`]];
        if (name !== 'exit') {
          figures.push({
            name: `\`collect\` of 1x10, median call, ${label}`,
            unit: 'ns',
            ours: medianOf(own, ({ median }) => median),
            peer: medianOf(other, ({ median }) => median),
            peerName: PEER,
            compare: 'cost',
          });
          const p999 = (list: readonly Measured[]) =>
            formatValue(
              medianOf(list, (result) => result.p999),
              'ns',
            );
          tails.push(`${label} ${p999(own)} and ${p999(other)}`);
        }
        figures.push({
          name: `rows delivered of ${count.toLocaleString('en-US')}, ${label}`,
          unit: 'rows',
          ours: medianOf(own, ({ delivered }) => delivered),
          peer: medianOf(other, ({ delivered }) => delivered),
          peerName: PEER,
          target: { of: 'ours', atLeast: count, text: 'all' },
        });
      }
      return {
        figures,
        remarks: [
          `99.9th percentile of a call, ours and ${PEER}: ${tails.join('; ')}. pandas ${results['burst-peer'][0]?.pandas ?? ''}.`,
        ],
      };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
