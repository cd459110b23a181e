import type { LoadInput, LoadOutput } from '../children/server-load.ts';
import { runChild } from '../support/child.ts';
import type { Figure } from '../support/figure.ts';
import { formatValue } from '../support/format.ts';
import { startIngestion } from '../support/ingestion.ts';
import { residentBytes } from '../support/processes.ts';
import { type MeasuredServer, startOurs } from '../support/servers.ts';
import { BODY, type ServerPart } from './part.ts';

/** Seconds of the outage; a shorter one is for trying the bench itself. */
const SECONDS = Number(process.env['AZUREML_TS_BENCH_INGESTION_OUTAGE_SECONDS'] ?? 30);
/** Two items a request; the queue holds 10,000 items and 8 MiB. */
const RATES = { 'within the queue': 100, 'far beyond the queue': 1000 } as const;
const ITEMS_OF_A_REQUEST = 2;
/** What the queue may hold, and room for what it is made of. */
const MOST_MORE_BYTES = 64 * 1024 * 1024;
const CATCH_UP_MS = 60_000;

/** The ingestion is away for a while. */
export const ingestionOutage: ServerPart = async (progress) => {
  progress(`${SECONDS} s without the ingestion`);
  const outcomes = await Promise.all(Object.entries(RATES).map(([name, perSecond]) => run(name, perSecond)));
  return { figures: outcomes.flatMap(({ figures }) => figures), remarks: outcomes.map(({ remark }) => remark) };
};

async function run(name: string, perSecond: number): Promise<{ readonly figures: Figure[]; readonly remark: string }> {
  await using ingestion = await startIngestion();
  const server = await startOurs({ ingestion });
  try {
    await load(server, { count: 2000, connections: 4 });
    const before = residentBytes(server.pid);
    let most = before ?? 0;
    const watch = setInterval(() => {
      most = Math.max(most, residentBytes(server.pid) ?? 0);
    }, 100);
    ingestion.setDown(true);
    const { all } = await load(server, { perSecond, durationMs: SECONDS * 1000, connections: 16 });
    ingestion.setDown(false);
    const back = performance.now();
    const given = (2000 + all) * ITEMS_OF_A_REQUEST;
    const arrived = () => {
      const { requests, messages, lost } = ingestion.counts();
      return { items: requests + messages, lost };
    };
    while (arrived().items + arrived().lost < given && performance.now() - back < CATCH_UP_MS) {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const caughtUpMs = performance.now() - back;
    clearInterval(watch);
    await server[Symbol.asyncDispose]();
    const { items, lost } = arrived();
    const label = `${perSecond} requests a second for ${SECONDS} s, ${name}`;
    return {
      figures: [
        {
          name: `items that arrived, and items told as lost, ${label}`,
          unit: 'rows',
          ours: items + lost,
          peer: given,
          peerName: 'items',
          compare: 'share',
          target: { of: 'ratio', atLeast: 1, atMost: 1, text: 'all' },
        },
        ...(before === undefined
          ? []
          : [
              {
                name: `memory that the process took more, ${label}`,
                unit: 'bytes',
                ours: Math.max(0, most - before),
                peer: before,
                peerName: 'before',
                target: {
                  of: 'ours',
                  atMost: MOST_MORE_BYTES,
                  text: `at most ${formatValue(MOST_MORE_BYTES, 'bytes')}`,
                },
              } as const,
            ]),
      ],
      remark: `${label}: ${items} of ${given} items arrived, ${lost} were told as lost, ${formatValue(caughtUpMs, 'ms')} after the ingestion was back.`,
    };
  } finally {
    await server[Symbol.asyncDispose]();
  }
}

function load({ url }: MeasuredServer, input: Omit<LoadInput, 'url' | 'body' | 'isKept'>): Promise<LoadOutput> {
  return runChild<LoadInput, LoadOutput>('server-load.ts', { url, body: BODY, isKept: true, ...input });
}
