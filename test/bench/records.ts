import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RecordsInput, RecordsOutput } from './children/records.ts';
import type { Bench } from './support/bench.ts';
import { runChild } from './support/child.ts';
import { runCommand } from './support/command.ts';
import { pythonWith } from './support/python.ts';
import { interleave } from './support/rounds.ts';
import { featureNames, makeRows, toRecord } from './support/rows.ts';
import { startSidecar } from './support/sidecar.ts';
import { medianOf } from './support/statistics.ts';

const PEER = 'azureml-ai-monitoring';
const VERSION = '1.0.0';
const SCRIPT = fileURLToPath(new URL('peers/azureml_ai_monitoring.py', import.meta.url));
const COUNT = 5_000;

interface Delivery {
  readonly delivered: number;
  /** Nanoseconds a delivered record, from the first to the last. */
  readonly each: number;
}

/** Records to the collection sidecar. */
export const records: Bench = {
  name: 'records',
  title: 'Records to the collection sidecar',
  about: `A burst of ${COUNT.toLocaleString('en-US')} one-row records for a stand-in of the sidecar in the process of the bench, which answers at once: by \`Collector\`, with its journal, and by ${PEER} ${VERSION}, which gets all the time it needs.`,
  async run({ progress }) {
    progress(`Python with ${PEER} ${VERSION}`);
    const interpreter = await pythonWith(PEER, VERSION, 'azureml.ai.monitoring, pandas');
    await using sidecar = await startSidecar();
    const folder = mkdtempSync(join(tmpdir(), 'azureml-ts-bench-'));
    try {
      const names = featureNames('mix10');
      const rows = makeRows('mix10', 512).map((row) => toRecord(row, names));
      const frames = join(folder, 'frames.json');
      writeFileSync(frames, JSON.stringify(rows));
      const counted = (): Delivery => {
        const delivered = sidecar.takeCount();
        return { delivered, each: (sidecar.takeSpan() * 1e6) / Math.max(1, delivered) };
      };
      const results = await interleave(
        3,
        {
          ours: async () => {
            await runChild<RecordsInput, RecordsOutput>('records.ts', {
              port: sidecar.port,
              records: rows,
              count: COUNT,
            });
            return counted();
          },
          peer: async () => {
            await runCommand(interpreter, [SCRIPT, frames, String(COUNT), '0', 'wait'], {
              env: { AZUREML_MDC_ENABLED: 'true', AZUREML_MDC_PORT: String(sidecar.port) },
            });
            const { delivered, each } = counted();
            // One record is sent before the measurement, so that it does not begin with the start of the sender.
            return { delivered: delivered - 1, each };
          },
        },
        progress,
      );
      return {
        figures: [
          {
            name: 'time a delivered record',
            unit: 'ns',
            ours: medianOf(results.ours, ({ each }) => each),
            peer: medianOf(results.peer, ({ each }) => each),
            peerName: PEER,
            compare: 'speed-up',
            target: { of: 'ratio', atLeast: 5, text: 'at least 5 times as fast' },
          },
          {
            name: `records delivered of ${COUNT.toLocaleString('en-US')}`,
            unit: 'rows',
            ours: medianOf(results.ours, ({ delivered }) => delivered),
            peer: medianOf(results.peer, ({ delivered }) => delivered),
            peerName: PEER,
            target: { of: 'ours', atLeast: COUNT, text: 'all' },
          },
        ],
        remarks: [],
      };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
