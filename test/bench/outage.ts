import { startAzurite, startBlobFaultProxy } from '@azureml-ts/testing';
import type { OutageInput, OutageOutput } from './children/outage.ts';
import type { Bench } from './support/bench.ts';
import { runChild } from './support/child.ts';
import type { Figure } from './support/figure.ts';
import { formatValue } from './support/format.ts';
import { readBack, type StoredRows } from './support/read-back.ts';

const ROWS_PER_SECOND = 2000;
const DEFAULT_BUFFER = 33_554_432;
const SMALL_BUFFER = 4_194_304;

/** Seconds of the outage; a shorter one is for trying the bench itself. */
const SECONDS = Number(process.env['AZUREML_TS_BENCH_OUTAGE_SECONDS'] ?? 60);

/** A store that is away for a minute. */
export const outage: Bench = {
  name: 'outage',
  title: 'An outage of the store',
  about:
    'Azurite behind a proxy that cuts every connection for 60 seconds, while 2,000 rows a second go on to come, into one collector with the default bound and one with a bound that is too small for the outage. Afterwards the blobs are read: every row has to be there once, or counted as dropped.',
  async run({ progress }) {
    await using azurite = await startAzurite();
    await using proxy = await startBlobFaultProxy({ target: azurite.connectionString });
    let fault: { remove(): void } | undefined;
    progress(`${SECONDS} s without the store`);
    const results = await runChild<OutageInput, OutageOutput[]>(
      'outage.ts',
      {
        connectionString: proxy.connectionString,
        rowsPerSecond: ROWS_PER_SECOND,
        before: 2,
        outage: SECONDS,
        collectors: { roomy: undefined, tight: SMALL_BUFFER },
      },
      {
        timeoutMs: (SECONDS + 120) * 1000,
        onTold: (word) => {
          if (word === 'down') {
            fault = proxy.inject({ kind: 'cut' });
          } else {
            fault?.remove();
          }
        },
      },
    );
    const figures: Figure[] = [];
    const remarks: string[] = [];
    for (const result of results) {
      const stored = await readBack(azurite.connectionString, result.modelName);
      const limit = result.modelName === 'tight' ? SMALL_BUFFER : DEFAULT_BUFFER;
      figures.push(...figuresOf(result, stored, limit));
      remarks.push(equationOf(result, stored, limit));
    }
    return { figures, remarks };
  },
};

function droppedRows({ stats }: OutageOutput): number {
  return Object.values(stats.dropped).reduce((sum, rows) => sum + rows, 0);
}

function figuresOf(result: OutageOutput, stored: StoredRows, limit: number): Figure[] {
  const bound = `bound of ${formatValue(limit, 'bytes')}`;
  return [
    {
      name: `most bytes waiting, ${bound}`,
      unit: 'bytes',
      ours: result.mostPendingBytes,
      peer: limit,
      peerName: '`maxBufferBytes`',
      compare: 'cost',
      target: { of: 'ratio', atMost: 1, text: 'at most 1x' },
    },
    {
      name: `rows in the store, and rows counted as dropped, ${bound}`,
      unit: 'rows',
      ours: stored.distinct + droppedRows(result),
      peer: result.given,
      peerName: 'rows given',
      compare: 'share',
      target: { of: 'ratio', atLeast: 1, atMost: 1, text: 'all' },
    },
    {
      name: `rows that are in the store more than once, ${bound}`,
      unit: 'rows',
      ours: stored.rows - stored.distinct,
      target: { of: 'ours', atMost: 0, text: 'none' },
    },
  ];
}

function equationOf({ given, stats, catchUpMs }: OutageOutput, stored: StoredRows, limit: number): string {
  const dropped = Object.entries(stats.dropped).filter(([, rows]) => rows > 0);
  const parts = [
    `${stats.stored} stored`,
    `${stats.pending} pending`,
    ...dropped.map(([reason, rows]) => `${rows} ${reason}`),
  ];
  return `Bound of ${formatValue(limit, 'bytes')}: ${given} given, ${stats.collected} collected = ${parts.join(' + ')}; ${stored.rows} rows in ${stored.files === 1 ? 'one blob' : `${stored.files} blobs`}, everything stored ${formatValue(catchUpMs, 'ms')} after the store was back.`;
}
