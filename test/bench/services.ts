import { type AzureStandIn, startAzureStandIn } from '@azureml-ts/testing';
import type { ListInput, ListOutput } from './children/services-list.ts';
import type { ScoreInput, ScoreOutput } from './children/services-run.ts';
import type { Bench } from './support/bench.ts';
import { runChild } from './support/child.ts';
import { runCommand } from './support/command.ts';
import { atMostOneIn, atMostTimes, type Figure } from './support/figure.ts';
import { formatValue } from './support/format.ts';
import { interleave } from './support/rounds.ts';
import { median, medianOf } from './support/statistics.ts';

const SCORE_ROUNDS = 5;
const IMPORT_ROUNDS = 21;
const LIST_ROUNDS = 3;
const ENDPOINTS = 1_000;
const PAGE = 20;
/** Far less than the endpoints themselves: noise of the heap, and a page. */
const MOST_HELD = 500_000;
const CORE = '@azureml-ts/core';
const AZURE = ['@azure/identity', '@azure/arm-machinelearning'];
/** Where all of them can be found by their names. */
const CORE_FOLDER = new URL('../../packages/core', import.meta.url);

/** What scoring, importing and listing cost with the object model. */
export const services: Bench = {
  name: 'services',
  title: 'Scoring and listing services',
  about:
    'A stand-in for Azure serves https on this machine; who calls it has a process of its own. Scoring calls go one after the other: ours by `run()` of an online endpoint with a key, a bare `fetch` with the key at hand to the same address, both over a connection that is kept. Imports are cold, a process each, of the built package. Listing reads pages of 20; what it holds is heap and buffers after garbage collection, the largest value of one look at each page, less what the process held before.',
  async run({ progress }) {
    const figures: Figure[] = [];
    const remarks: string[] = [];
    for (const part of [scoring, importing, listing]) {
      const outcome = await part(progress);
      figures.push(...outcome.figures);
      remarks.push(...outcome.remarks);
    }
    return { figures, remarks };
  },
};

type Part = (progress: (line: string) => void) => Promise<{ figures: Figure[]; remarks: string[] }>;

const scoring: Part = async (progress) => {
  await using standIn = await startAzureStandIn({ tls: true });
  const endpoint = standIn.addEndpoint('loans', { properties: { traffic: { blue: 100 } } });
  standIn.addDeployment('loans', 'blue');
  const perCall: number[] = [];
  const measure = (sender: ScoreInput['sender']) => async () => {
    const output = await runChild<ScoreInput, ScoreOutput>(
      'services-run.ts',
      { ...namesOf(standIn), sender, key: endpoint.keys.primaryKey, url: scoringUri(endpoint.resource) },
      { env: standIn.environment, onTold: () => standIn.clearExchanges() },
    );
    if (sender === 'ours') {
      perCall.push(standIn.exchanges().length / output.calls);
    }
    return output;
  };
  const results = await interleave(SCORE_ROUNDS, { ours: measure('ours'), fetch: measure('fetch') }, progress);
  const peer = { peerName: 'bare `fetch`', compare: 'cost' } as const;
  return {
    figures: [
      {
        name: 'requests for a call of `run()` after the first',
        unit: 'times',
        ours: median(perCall),
        target: { of: 'ours', atMost: 1, text: '1.0' },
      },
      {
        name: 'time of a call, median',
        unit: 'ms',
        ours: medianOf(results.ours, (result) => result.medianMs),
        peer: medianOf(results.fetch, (result) => result.medianMs),
        ...peer,
        target: atMostTimes(1.2),
      },
      {
        name: 'processor time of a call',
        unit: 'ms',
        ours: medianOf(results.ours, (result) => result.processorMs),
        peer: medianOf(results.fetch, (result) => result.processorMs),
        ...peer,
      },
    ],
    remarks: [],
  };
};

const importing: Part = async (progress) => {
  const node = (script: string, ...args: readonly string[]) =>
    runCommand(process.execPath, [...args, '--input-type=module', '--eval', script], { cwd: CORE_FOLDER.pathname });
  const load = (names: readonly string[]) => names.map((name) => `await import('${name}');`).join('\n');
  const measure = (names: readonly string[]) => async () =>
    Number(await node(`const start = performance.now();\n${load(names)}\nconsole.log(performance.now() - start);`));
  const results = await interleave(IMPORT_ROUNDS, { ours: measure([CORE]), azure: measure(AZURE) }, progress);
  const probe = new URL('../packaging/fixtures/list-loaded.mjs', import.meta.url).href;
  const loaded = JSON.parse(await node(load([CORE]), '--import', probe)) as string[];
  const azure = loaded.filter((url) => url.includes('/node_modules/@azure/'));
  return {
    figures: [
      {
        name: `\`import\` of ${CORE}`,
        unit: 'ms',
        ours: median(results.ours),
        peer: median(results.azure),
        peerName: `${AZURE.join(' and ')} together`,
        compare: 'cost',
        target: atMostTimes(1.2),
      },
      {
        name: 'modules of @azure that it loads',
        unit: 'rows',
        ours: azure.length,
        target: { of: 'ours', atMost: 0, text: 'none' },
      },
    ],
    remarks: [],
  };
};

const listing: Part = async (progress) => {
  await using standIn = await startAzureStandIn({ tls: true, pageSize: PAGE });
  for (let index = 0; index < ENDPOINTS; index += 1) {
    standIn.addEndpoint(`endpoint-${String(index).padStart(4, '0')}`);
  }
  const measure = (isKept: boolean, count: number) => async () => {
    const output = await runChild<ListInput, ListOutput>(
      'services-list.ts',
      { ...namesOf(standIn), isKept, count },
      { env: standIn.environment, execArgv: ['--expose-gc'] },
    );
    standIn.clearExchanges();
    return output;
  };
  const results = await interleave(
    LIST_ROUNDS,
    { all: measure(false, ENDPOINTS), few: measure(false, ENDPOINTS / 10), kept: measure(true, ENDPOINTS) },
    progress,
  );
  const all = medianOf(results.all, (result) => result.heldBytes);
  const most = ENDPOINTS.toLocaleString('en-US');
  const few = (ENDPOINTS / 10).toLocaleString('en-US');
  return {
    figures: [
      {
        name: `held at most while ${most} endpoints are listed`,
        unit: 'bytes',
        ours: all,
        peer: medianOf(results.few, (result) => result.heldBytes),
        peerName: `while ${few} are listed`,
        target: { of: 'ours', atMost: MOST_HELD, text: 'at most 500 kB' },
      },
      {
        name: `held at most while ${most} endpoints are listed`,
        unit: 'bytes',
        ours: all,
        peer: medianOf(results.kept, (result) => result.heldBytes),
        peerName: 'all of them in an array',
        compare: 'cost',
        target: atMostOneIn(4),
      },
    ],
    remarks: [
      `Listed ${results.all.map(({ listed }) => listed.toLocaleString('en-US'))[0]} endpoints; the process had at most ${formatValue(
        medianOf(results.all, (result) => result.peakBytes),
        'bytes',
      )} of memory then, Node included, and ${formatValue(
        medianOf(results.few, (result) => result.peakBytes),
        'bytes',
      )} with ${few}.`,
    ],
  };
};

function namesOf({ subscriptionId, resourceGroup, workspaceName }: AzureStandIn) {
  return { workspace: { subscriptionId, resourceGroup, workspaceName } };
}

function scoringUri(resource: Readonly<Record<string, unknown>>): string {
  return (resource['properties'] as { readonly scoringUri: string }).scoringUri;
}
