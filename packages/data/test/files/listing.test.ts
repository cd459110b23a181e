import fc from 'fast-check';
import { CollectedData, type CollectedDataOptions } from '../../src/index.ts';
import { fleetNames, type ListingServer, startListingServer } from '../support/listing-server.ts';
import { all, ROOT, stream } from '../support/stream.ts';

/** Ten files a day for ten years: 36,500 and the leap days. */
const FLEET = { from: '2017-01-01', days: 3_650, perDay: 10 };

/** The client takes its time to read tens of thousands of names. */
const PATIENCE_MS = 120_000;

const servers: ListingServer[] = [];
afterAll(() => Promise.all(servers.map((server) => server.close())));

async function serve(names: readonly string[]): Promise<ListingServer> {
  const server = await startListingServer(names);
  servers.push(server);
  return server;
}

/** Days of the files that are found, and what it took. */
async function find(server: ListingServer, options: Partial<CollectedDataOptions> = {}) {
  server.requests.length = 0;
  const data = await CollectedData.open({ ...stream, storage: server.connectionString, ...options });
  const files = await all(data.files());
  return { files, paths: files.map(({ path }) => path), requests: server.requests.length };
}

const daysBetween = (from: string, to: string) => (Date.parse(to) - Date.parse(from)) / 86_400_000 + 1;

describe('a fleet of 36,500 blobs', () => {
  let fleet: ListingServer;
  beforeAll(async () => {
    fleet = await serve(fleetNames(ROOT, FLEET));
  });

  it.each([
    ['a day', '2025-03-04', '2025-03-04'],
    ['a day of two spellings less', '2025-11-14', '2025-11-14'],
    ['two days of two months', '2025-01-31', '2025-02-01'],
    ['two days of two years', '2024-12-31', '2025-01-01'],
    ['a week', '2025-03-04', '2025-03-10'],
    ['a month', '2025-03-01', '2025-03-31'],
    ['five weeks', '2025-02-27', '2025-04-02'],
    ['a quarter', '2025-01-01', '2025-03-31'],
    ['half a year', '2024-10-15', '2025-04-14'],
    ['a year', '2025-01-01', '2025-12-31'],
  ])('is asked at most days + 1 times, and at most 10, for %s', async (_name, from, to) => {
    const days = daysBetween(from, to);
    const { files, requests } = await find(fleet, { from, to });
    expect(files).toHaveLength(days * FLEET.perDay);
    expect([files[0]?.day, files.at(-1)?.day]).toEqual([from, to]);
    expect(requests).toBeLessThanOrEqual(Math.min(days + 1, 10));
  });

  it('is not listed whole for a range that is open', async () => {
    const { files, requests } = await find(fleet, { from: '2026-01-01' });
    expect(files).toHaveLength((FLEET.days - (daysBetween(FLEET.from, '2026-01-01') - 1)) * FLEET.perDay);
    expect(requests).toBeLessThanOrEqual(3);
    expect((await find(fleet, { to: '2017-01-31' })).files).toHaveLength(31 * FLEET.perDay);
    expect(fleet.requests.length).toBeLessThanOrEqual(5);
  });
});

describe('36,500 blobs of one month', () => {
  let month: ListingServer;
  beforeAll(async () => {
    month = await serve(fleetNames(ROOT, { from: '2026-05-01', days: 31, perDay: 1_178 }));
  });

  it(
    'are listed in at most 10 requests',
    async () => {
      const { files, requests } = await find(month, { from: '2026-05-01', to: '2026-05-31' });
      expect(files).toHaveLength(31 * 1_178);
      expect(requests).toBeLessThanOrEqual(10);
    },
    PATIENCE_MS,
  );

  it('are passed over where a day is wanted', async () => {
    const { files, requests } = await find(month, { from: '2026-05-30', to: '2026-05-30' });
    expect(files).toHaveLength(1_178);
    // The day, and the other spelling of May.
    expect(requests).toBe(2);
    // Here the day has two spellings as well: a page of the month first, which shows how much there is.
    expect(await find(month, { from: '2026-05-09', to: '2026-05-09' })).toMatchObject({ requests: 4 });
  });
});

it('every file of a range is found once, whatever the spelling, and none beside it', async () => {
  const unit = fc.constantFrom('a', 'b');
  const day = fc.date({
    min: new Date('2024-11-20T00:00:00Z'),
    max: new Date('2026-03-10T00:00:00Z'),
    noInvalidDate: true,
  });
  const spelled = fc.tuple(day, fc.boolean(), fc.boolean()).map(([date, shortMonth, shortDay]) => {
    const [year, month = '', date2 = ''] = date.toISOString().slice(0, 10).split('-');
    return `${year}/${shortMonth ? Number(month) : month}/${shortDay ? Number(date2) : date2}`;
  });
  const text = (date: Date) => date.toISOString().slice(0, 10);
  const range = fc.oneof(
    fc
      .record({ from: day.map(text), to: day.map(text) })
      .map(({ from, to }) => (from > to ? { from: to, to: from } : { from, to })),
    fc.tuple(day, fc.nat({ max: 40 })).map(([from, days]) => ({
      from: text(from),
      to: text(new Date(from.getTime() + days * 86_400_000)),
    })),
    fc.record({ from: fc.option(day.map(text), { nil: undefined }), to: fc.constant(undefined) }),
    fc.record({ from: fc.constant(undefined), to: day.map(text) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(spelled, unit), { maxLength: 300 }), range, async (folders, { from, to }) => {
      const names = [...new Set(folders.map(([folder, name]) => `${ROOT}/${folder}/data-r${name}.csv`))];
      const server = await startListingServer([...names, `${ROOT}/1999/01/01/data.csv`]);
      try {
        const wanted = names.filter((name) => {
          const [year, month = '', date = ''] = name.slice(ROOT.length + 1).split('/');
          const text = `${year}-${month.padStart(2, '0')}-${date.padStart(2, '0')}`;
          return (from === undefined || text >= from) && (to === undefined || text <= to);
        });
        const { paths } = await find(server, { from, to });
        expect(paths.filter((path) => !path.includes('/1999/')).toSorted()).toEqual(wanted.toSorted());
      } finally {
        await server.close();
      }
    }),
    { numRuns: 150 },
  );
});
