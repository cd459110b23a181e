import { CollectedData } from '@azureml-ts/data';
import { fleetNames, type ListingServer, startListingServer } from '../../packages/data/test/support/listing-server.ts';
import type { Bench } from './support/bench.ts';
import type { Figure } from './support/figure.ts';

const STREAM = {
  workspace: { subscriptionId: 'sub', resourceGroup: 'rg', workspaceName: 'ws' },
  webserviceName: 'svc',
  modelName: 'best_model',
  modelVersion: '1',
  designation: 'inputs',
};
const ROOT = 'sub/rg/ws/svc/best_model/1/inputs';
/** What a fleet leaves behind: ten files a day for ten years, or all of them in one month. */
const FLEET = { from: '2017-01-01', days: 3_650, perDay: 10 };
const MONTH = { from: '2026-05-01', days: 31, perDay: 1_178 };
const MOST_OF_A_MONTH = 10;

/** A range of days to find. */
interface Wanted {
  readonly name: string;
  readonly from?: string;
  readonly to?: string;
  /** Requests that it may take. */
  readonly atMost?: number;
}

const OF_FLEET: readonly Wanted[] = [
  { name: 'a day', from: '2025-03-04', to: '2025-03-04', atMost: 2 },
  { name: '7 days', from: '2025-03-04', to: '2025-03-10', atMost: 8 },
  { name: '7 days of two months', from: '2025-01-29', to: '2025-02-04', atMost: 8 },
  { name: 'one month', from: '2025-03-01', to: '2025-03-31', atMost: MOST_OF_A_MONTH },
  { name: 'a year', from: '2025-01-01', to: '2025-12-31', atMost: 366 },
  { name: 'the last year from October on, without an end', from: '2026-10-01' },
  { name: 'everything' },
];

/** How many requests it takes to find the files of a range. */
export const listing: Bench = {
  name: 'listing',
  title: 'Finding the files of a range',
  about: `A stand-in for the service lists the names of ${(FLEET.days * FLEET.perDay).toLocaleString('en-US')} blobs, in pages of 5,000 as the service does: ${FLEET.perDay} files a day for ten years. \`files()\` is asked for ranges; beside its requests stands what listing the whole stream takes. Folders of months may be written with or without a zero, and both are looked for.`,
  async run({ progress }) {
    const figures: Figure[] = [];
    const fleet = await startListingServer(fleetNames(ROOT, FLEET));
    const month = await startListingServer(fleetNames(ROOT, MONTH));
    try {
      const all = (await count(fleet, {})).requests;
      for (const wanted of OF_FLEET) {
        progress(wanted.name);
        const { requests } = await count(fleet, wanted);
        figures.push(figure(`requests for ${wanted.name}`, requests, wanted.atMost, all));
      }
      progress('one month with all of the blobs');
      const whole = await count(month, { from: '2026-05-01', to: '2026-05-31' });
      figures.push(figure('requests for one month that holds all blobs', whole.requests, MOST_OF_A_MONTH));
      const day = await count(month, { from: '2026-05-30', to: '2026-05-30' });
      figures.push(figure('requests for one day of that month', day.requests, 2, whole.requests));
    } finally {
      await fleet.close();
      await month.close();
    }
    return {
      figures,
      remarks: [
        `The first nine days of a month that holds so much (${MONTH.perDay.toLocaleString('en-US')} blobs a day) take four requests: a page that shows how much there is, the other spelling of the month, the days that there are, and the day.`,
      ],
    };
  },
};

async function count(server: ListingServer, { from, to }: Omit<Wanted, 'name'>) {
  const before = server.requests.length;
  const data = await CollectedData.open({ ...STREAM, storage: server.connectionString, from, to });
  let files = 0;
  for await (const _ of data.files()) {
    files += 1;
  }
  if (files === 0) {
    throw new Error(`No files of ${from} to ${to} were found, so the requests mean nothing.`);
  }
  return { requests: server.requests.length - before };
}

function figure(name: string, ours: number, atMost: number | undefined, peer?: number): Figure {
  return {
    name,
    unit: 'times',
    ours,
    ...(peer === undefined ? {} : { peer, peerName: 'listing all', compare: 'cost' }),
    ...(atMost === undefined ? {} : { target: { of: 'ours', atMost, text: `at most ${atMost}` } }),
  };
}
