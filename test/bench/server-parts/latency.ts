import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { LoadInput, LoadOutput } from '../children/server-load.ts';
import { runChild } from '../support/child.ts';
import type { Figure } from '../support/figure.ts';
import { formatValue } from '../support/format.ts';
import { type Ingestion, startIngestion } from '../support/ingestion.ts';
import { interleave } from '../support/rounds.ts';
import { type MeasuredServer, startOurs } from '../support/servers.ts';
import { largest, medianOf, quantile } from '../support/statistics.ts';
import { BODY, type ServerPart } from './part.ts';

const ROUNDS = 5;
/** More than are ever busy at half the maximum rate. */
const CONNECTIONS = 64;
const TICKS = 'server-ticks.ts';
/** Until V8 has given the heap its size: what that takes comes once in the life of a server. */
const WARM_UP_MS = 9000;
const MEASURED_MS = 6000;

interface Measured extends LoadOutput {
  /** Processor time of the main thread between two ticks, in milliseconds: its 99th percentile, and the most. */
  readonly tickP99: number;
  readonly tickMost: number;
}

type Start = (env: Readonly<Record<string, string>>) => Promise<MeasuredServer>;

/** What telemetry and collection add to the time of an answer. */
export const latency: ServerPart = async (progress) => {
  await using ingestion = await startIngestion();
  const folder = mkdtempSync(join(tmpdir(), 'azureml-ts-bench-'));
  try {
    progress('half the maximum rate');
    const perSecond = Math.round((await maximumRate(() => startFull(ingestion, folder, {}))) / 2);
    const measure = (start: Start) => async (): Promise<Measured> => {
      const file = join(folder, 'ticks.json');
      const server = await start({
        AZUREML_TS_BENCH_TICKS: file,
        AZUREML_TS_BENCH_WARM_UP_MS: String(WARM_UP_MS),
      });
      try {
        const output = await load(server, {
          connections: CONNECTIONS,
          perSecond,
          warmUpMs: WARM_UP_MS,
          durationMs: MEASURED_MS,
        });
        await server[Symbol.asyncDispose]();
        const ticks = JSON.parse(readFileSync(file, 'utf8')) as number[];
        return { ...output, tickP99: quantile(ticks, 0.99), tickMost: largest(ticks) };
      } finally {
        await server[Symbol.asyncDispose]();
      }
    };
    const results = await interleave(
      ROUNDS,
      {
        plain: measure((env) => startOurs({ env, preload: TICKS })),
        full: measure((env) => startFull(ingestion, folder, env)),
      },
      progress,
    );
    const of = (name: keyof typeof results, pick: (output: Measured) => number) => medianOf(results[name], pick);
    const added = (name: string, pick: (output: Measured) => number, peerName: string): Figure => ({
      name,
      unit: 'ms',
      ours: Math.max(0, of('full', pick) - of('plain', pick)),
      peer: of('plain', pick),
      peerName,
    });
    const target = { of: 'ours', atMost: 1, text: 'at most 1 ms' } as const;
    return {
      figures: [
        {
          ...added(
            'telemetry and collection add to the 99th percentile, at half the maximum rate',
            ({ p99 }) => p99,
            'the 99th percentile without both',
          ),
          target,
        },
        {
          ...added(
            'they add to that of a quarter of a second, the median of all',
            ({ windowP99 }) => windowP99,
            'the same without both',
          ),
          target,
        },
        {
          ...added(
            "they add to the processor time of the main thread between two of its ticks, that percentile's",
            ({ tickP99 }) => tickP99,
            'the same without both',
          ),
          target,
        },
        added('they add to the median', ({ p50 }) => p50, 'the median without both'),
      ],
      remarks: [
        `Half the maximum rate with both is ${formatValue(perSecond, 'requests/s')}; the 99th percentile with both is ${formatValue(
          of('full', ({ p99 }) => p99),
          'ms',
        )}. Rows are collected to files. Most processor time between two ticks: ${formatValue(
          of('full', ({ tickMost }) => tickMost),
          'ms',
        )} with both, ${formatValue(
          of('plain', ({ tickMost }) => tickMost),
          'ms',
        )} without.`,
      ],
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

function startFull(
  ingestion: Ingestion,
  folder: string,
  env: Readonly<Record<string, string>>,
): Promise<MeasuredServer> {
  return startOurs({
    script: 'server-score-collect.ts',
    ingestion,
    preload: TICKS,
    env: {
      ...env,
      AML_MODEL_DC_STORAGE_ENABLED: 'true',
      AML_MODEL_DC_STORAGE: pathToFileURL(join(folder, 'rows')).href,
      AML_MODEL_DC_JOURNAL: join(folder, 'journal'),
    },
  });
}

async function maximumRate(start: () => Promise<MeasuredServer>): Promise<number> {
  await using server = await start();
  const { answered, seconds } = await load(server, { connections: 8, warmUpMs: 1500, durationMs: 3000 });
  return answered / seconds;
}

function load({ url }: MeasuredServer, input: Omit<LoadInput, 'url' | 'body' | 'isKept'>): Promise<LoadOutput> {
  return runChild<LoadInput, LoadOutput>('server-load.ts', { url, body: BODY, isKept: true, ...input });
}
