import type { LoadInput, LoadOutput } from '../children/server-load.ts';
import { runChild } from '../support/child.ts';
import type { Figure } from '../support/figure.ts';
import { formatValue } from '../support/format.ts';
import { type Ingestion, startIngestion } from '../support/ingestion.ts';
import { processorMs } from '../support/processes.ts';
import { pythonWith } from '../support/python.ts';
import { type Contender, interleave } from '../support/rounds.ts';
import { type MeasuredServer, startBare, startOurs, startPython, startWithPackage } from '../support/servers.ts';
import { median, medianOf } from '../support/statistics.ts';
import { atLeastShare, BODY, type ServerPart } from './part.ts';

const ROUNDS = 3;
/** Enough that a server has a request at hand whenever it is done with one. */
const CONNECTIONS = 32;
const WARM_UP_MS = 1500;
const MEASURED_MS = 4000;
/** Longer than the peers let items wait. */
const QUIET_MS = 6000;
const PYTHON = ['azureml-inference-server-http', '1.5.1', 'azureml_inference_server_http'] as const;
const PACKAGE = 'applicationinsights 3.16.0';
const REFERENCE = 'azmlinfsrv 1.5.1';

interface Rate {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  /** Processor time of the server a request; `undefined` where there is no /proc. */
  readonly processorMs: number | undefined;
  /** Share of a core that the load took. */
  readonly loadShare: number;
  /** Items that arrived, a request. */
  readonly items: number;
}

interface Measured {
  readonly kept: Rate;
  readonly fresh: Rate;
}

type Way = keyof Measured;

const WAYS = ['kept', 'fresh'] as const satisfies readonly Way[];
const LABELS: Readonly<Record<Way, string>> = { kept: 'keep-alive', fresh: 'new connections' };

type StartServer = () => Promise<MeasuredServer>;

/** Requests a second, with and without telemetry, beside the peers. */
export const rates: ServerPart = async (progress) => {
  await using ingestion = await startIngestion();
  const { interpreter, reason } = await findPython(progress);
  const silent = (start: StartServer) => () => measure(start);
  const telling = (start: StartServer) => () => measure(start, ingestion);
  const contenders: Record<string, Contender<Measured>> = {
    told: telling(() => startOurs({ ingestion })),
    package: telling(() => startWithPackage(ingestion)),
    plain: silent(() => startOurs()),
    quiet: silent(() => startOurs({ env: { SERVER_ACCESS_LOG: 'false' } })),
    bare: silent(() => startBare()),
  };
  if (interpreter !== undefined) {
    contenders['reference'] = silent(() => startPython(interpreter));
    contenders['reference-told'] = telling(() => startPython(interpreter, ingestion));
  }
  const results = await interleave(ROUNDS, contenders, progress);
  const figures: Figure[] = [];
  for (const way of WAYS) {
    const label = LABELS[way];
    const of = (name: string) => medianOf(results[name] ?? [], (result) => result[way].perSecond);
    const line = (ours: 'told' | 'plain' | 'quiet', peer: string, peerName: string, least?: number) => {
      const names = { told: 'with telemetry', plain: 'without telemetry', quiet: 'without telemetry and access log' };
      figures.push({
        name: `${names[ours]}, ${label}`,
        unit: 'requests/s',
        ours: of(ours),
        peer: of(peer),
        peerName,
        compare: 'share',
        ...(least === undefined ? {} : { target: atLeastShare(least) }),
      });
    };
    line('told', 'plain', 'the same without', 0.75);
    line('told', 'package', `node:http with ${PACKAGE}`, 2);
    line('plain', 'bare', 'bare node:http', 0.85);
    line('quiet', 'bare', 'bare node:http');
    figures.push(...processorFigures(results, way));
    if (interpreter !== undefined) {
      line('told', 'reference-told', `${REFERENCE}, one worker, with telemetry`, 10);
      line('told', 'reference', `${REFERENCE}, one worker, without`);
      line('plain', 'reference', `${REFERENCE}, one worker, without`);
    }
  }
  const items = (name: string) => medianOf(results[name] ?? [], ({ kept }) => kept.items);
  figures.push({
    name: 'items that arrived for each request: its own, and its bodies',
    unit: 'times',
    ours: items('told'),
    peer: items('package'),
    peerName: PACKAGE,
    target: { of: 'ours', atLeast: 2, atMost: 2, text: 'all: 2' },
  });
  return { figures, remarks: [...(reason === undefined ? [] : [reason]), ...remarksOf(results)] };
};

/** What a request costs the server: it tells more than the rate where the load is what has no more processor. */
function processorFigures(results: Readonly<Record<string, readonly Measured[]>>, way: Way): Figure[] {
  const of = (name: string) => (results[name] ?? []).flatMap((result) => result[way].processorMs ?? []);
  const [ours, peer] = [of('told'), of('package')];
  if (ours.length === 0 || peer.length === 0) {
    return [];
  }
  return [
    {
      name: `processor time of the server for a request, with telemetry, ${LABELS[way]}`,
      unit: 'ms',
      ours: median(ours),
      peer: median(peer),
      peerName: `node:http with ${PACKAGE}`,
      compare: 'cost',
      target: { of: 'ratio', atMost: 1 / 2, text: 'at most 1/2' },
    },
  ];
}

async function findPython(progress: (line: string) => void) {
  progress(`Python with ${REFERENCE}`);
  try {
    return { interpreter: await pythonWith(...PYTHON), reason: undefined };
  } catch (error) {
    return { interpreter: undefined, reason: error instanceof Error ? error.message : String(error) };
  }
}

async function measure(start: StartServer, ingestion?: Ingestion): Promise<Measured> {
  const kept = await measureWay(start, true, ingestion);
  const fresh = await measureWay(start, false, ingestion);
  return { kept, fresh };
}

/**
 * What waits to be sent is work that is not done yet: a server is asked to end when the load does, and the time goes on
 * until its last item has arrived.
 */
async function measureWay(start: StartServer, isKept: boolean, ingestion?: Ingestion): Promise<Rate> {
  await using server = await start();
  const load = { url: server.url, body: BODY, connections: CONNECTIONS, isKept };
  ingestion?.clear();
  const warm = await runChild<LoadInput, LoadOutput>('server-load.ts', { ...load, durationMs: WARM_UP_MS });
  if (ingestion !== undefined) {
    await settled(ingestion, warm.all);
    ingestion.clear();
  }
  const before = processorMs(server.pid);
  let from = 0;
  const output = await runChild<LoadInput, LoadOutput>(
    'server-load.ts',
    { ...load, durationMs: MEASURED_MS },
    {
      onTold: () => {
        from = performance.now();
      },
    },
  );
  const { answered, all, failed, cut, refused, processor: loadShare, p50, p99 } = output;
  if (failed + cut + refused > 0 || answered === 0) {
    throw new Error(`${server.url}: ${failed} failed, ${cut} cut, ${refused} refused of ${all} requests.`);
  }
  const until = from + output.seconds * 1000;
  // A process that has ended, and one that it had started, tell nothing any more: some are gone before the first look.
  let processor = processorMs(server.pid) ?? 0;
  server.terminate();
  const watch = setInterval(() => {
    processor = Math.max(processor, processorMs(server.pid) ?? 0);
  }, 10);
  await server.ended;
  clearInterval(watch);
  const { requests, messages, lastAt } = ingestion?.counts() ?? { requests: 0, messages: 0, lastAt: 0 };
  return {
    perSecond: (all * 1000) / (Math.max(until, lastAt) - from),
    p50,
    p99,
    processorMs: before === undefined ? undefined : (processor - before) / all,
    loadShare,
    items: (requests + messages) / all,
  };
}

/** Waits until the items of the warm-up have come, as far as they come at all. */
async function settled(ingestion: Ingestion, requests: number): Promise<void> {
  let [seen, since] = [0, performance.now()];
  for (;;) {
    const { requests: own, messages } = ingestion.counts();
    if (own + messages >= 2 * requests || performance.now() - since > QUIET_MS) {
      return;
    }
    if (own + messages > seen) {
      [seen, since] = [own + messages, performance.now()];
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const NAMES: Readonly<Record<string, string>> = {
  told: 'ours with telemetry',
  plain: 'ours without',
  quiet: 'and without access log',
  bare: 'bare node:http',
  package: PACKAGE,
  reference: REFERENCE,
  'reference-told': `${REFERENCE} with telemetry`,
};

function remarksOf(results: Readonly<Record<string, readonly Measured[]>>): string[] {
  const each = (show: (results: readonly Measured[]) => string) =>
    Object.entries(results)
      .map(([name, list]) => `${NAMES[name]} ${show(list)}`)
      .join(', ');
  const ms = (list: readonly Measured[], way: Way, pick: (rate: Rate) => number) =>
    formatValue(
      medianOf(list, (measured) => pick(measured[way])),
      'ms',
    );
  const hasProcessor = Object.values(results).every((list) => list.every(({ kept }) => kept.processorMs !== undefined));
  return [
    ...(hasProcessor
      ? WAYS.map(
          (way) =>
            `Processor time of the server for a request, ${LABELS[way]}: ${each((list) => ms(list, way, (rate) => rate.processorMs ?? 0))}.`,
        )
      : []),
    ...WAYS.map(
      (way) =>
        `Share of a core that the load took, ${LABELS[way]}: ${each((list) => formatValue(100 * medianOf(list, (measured) => measured[way].loadShare), 'percent'))}.`,
    ),
    ...WAYS.flatMap((way) => platformRemark(results, way)),
    `Median and 99th percentile of an answer with ${CONNECTIONS} kept connections that never rest: ${each(
      (list) => `${ms(list, 'kept', (rate) => rate.p50)} and ${ms(list, 'kept', (rate) => rate.p99)}`,
    )}.`,
  ];
}

/** What Node alone reaches: no server that is built on it gets further. */
function platformRemark(results: Readonly<Record<string, readonly Measured[]>>, way: Way): string[] {
  const { bare, package: withPackage, reference, 'reference-told': told } = results;
  if (bare === undefined) {
    return [];
  }
  const of = (list: readonly Measured[]) => medianOf(list, (measured) => measured[way].perSecond);
  const times = (list: readonly Measured[] | undefined, name: string) =>
    list === undefined ? [] : [`${(of(bare) / of(list)).toFixed(1)}x as many requests as ${name}`];
  const peers = [
    ...times(withPackage, `with ${PACKAGE}`),
    ...times(reference, `${REFERENCE} without telemetry`),
    ...times(told, `${REFERENCE} with telemetry`),
  ];
  return peers.length === 0 ? [] : [`Bare node:http, ${LABELS[way]}, answers ${peers.join(', ')}.`];
}
