import { createHash } from 'node:crypto';
import { readdir, readFile, rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import { encodeLedgerEntry, type LedgerEntry } from '@azureml-ts/monitoring/format';
import { CollectedData, type CompactOptions } from '../../../src/index.ts';
import {
  all,
  call,
  clockAt,
  collector,
  HEADER,
  ROOT,
  stream,
  temporaryFolder,
  writeFiles,
} from '../../support/stream.ts';

const DAY = '2026/03/04';
const row = (x: string, id: string) => `${x},${call(id)}\n`;
const OTHER = HEADER.replace('x', 'y');
const hash = (text: string) => createHash('sha256').update(text).digest('hex');

function entry(writer: string, kind: LedgerEntry['kind'], at: string): string {
  const { workspace, webserviceName, modelName, modelVersion, designation } = stream;
  return encodeLedgerEntry({
    version: 1,
    stream: { workspace, webserviceName, modelName, modelVersion, designation },
    day: '2026-03-04',
    writer,
    kind,
    entry: 1,
    at,
    collected: 1,
    stored: 1,
    pending: 0,
    dropped: {},
    gaps: [],
    samplingRate: 1,
  });
}

async function prepared(files: Record<string, string>) {
  const directory = await temporaryFolder();
  const target = await temporaryFolder();
  await writeFiles(
    directory,
    Object.fromEntries(Object.entries(files).map(([name, text]) => [`${ROOT}/${name}`, text])),
  );
  const data = await CollectedData.open({ ...stream, storage: { directory } });
  const read = (name: string) => readFile(path.join(target, ROOT, name), 'utf8');
  const names = async (day = DAY) => (await readdir(path.join(target, ROOT, day))).sort();
  return { directory, target, data, read, names };
}

describe('compactDays() to another place', () => {
  it('is refused where that is the place of the rows, also under another name', async () => {
    const files = { [`${DAY}/data.csv`]: HEADER + row('1', 'a-1'), [`${DAY}/data-2.csv`]: HEADER + row('2', 'a-2') };
    const { data, directory } = await prepared(files);
    const link = path.join(await temporaryFolder(), 'link');
    await symlink(path.join(directory, 'modeldata'), link);
    for (const target of [path.join(directory, 'modeldata'), link]) {
      await expect(data.compactDays(target)).rejects.toMatchObject({ code: 'VALIDATION', details: { path: 'target' } });
    }
    const folder = path.join(directory, 'modeldata', ROOT);
    expect((await readdir(path.join(folder, DAY))).sort()).toEqual(['data-2.csv', 'data.csv']);
    expect(await readFile(path.join(folder, DAY, 'data.csv'), 'utf8')).toBe(files[`${DAY}/data.csv`]);
    expect(await readdir(folder)).toEqual(['2026']);
  });

  it('puts parts whose headers are equal under one header, and keeps other columns apart', async () => {
    const { data, target, read, names } = await prepared({
      [`${DAY}/data.csv`]: HEADER + row('1', 'a-1') + row('"2\n""2"""', 'a-2'),
      [`${DAY}/data-2.csv`]: HEADER + row('3', 'a-3'),
      [`${DAY}/data-rpod.csv`]: HEADER + row('4', 'b-1'),
      [`${DAY}/data-${hash(OTHER).slice(0, 8)}.csv`]: OTHER + row('5', 'a-4'),
      [`${DAY}/_ledger.jsonl`]: entry('a', 'closed', '2026-03-04T10:00:00.000Z'),
    });
    const { days } = await data.compactDays(target);
    const schema = `data-${hash(OTHER).slice(0, 8)}.csv`;
    expect(await names()).toEqual(['_ledger.jsonl', schema, 'data.csv'].sort());
    const merged = HEADER + row('1', 'a-1') + row('"2\n""2"""', 'a-2') + row('3', 'a-3') + row('4', 'b-1');
    expect(await read(`${DAY}/data.csv`)).toBe(merged);
    expect(await read(`${DAY}/${schema}`)).toBe(OTHER + row('5', 'a-4'));
    expect(await read(`${DAY}/_ledger.jsonl`)).toBe(entry('a', 'closed', '2026-03-04T10:00:00.000Z'));
    expect(days).toEqual([
      expect.objectContaining({
        day: '2026-03-04',
        modelVersion: '1',
        outcome: 'written',
        torn: [],
        files: expect.arrayContaining([
          {
            path: `${ROOT}/${DAY}/data.csv`,
            bytes: Buffer.byteLength(merged),
            sha256: hash(merged),
            sources: ['data.csv', 'data-2.csv', 'data-rpod.csv'].map((name) => `${ROOT}/${DAY}/${name}`),
          },
        ]),
      }),
    ]);
  });

  it('is read back with the same rows, and the ledger still proves them', async () => {
    const directory = await temporaryFolder();
    const target = await temporaryFolder();
    const inputs = collector({ storage: { directory }, featureNames: ['x'], clock: clockAt('2026-03-04T10:00:00Z') });
    inputs.collect([['a'], ['b']]);
    await inputs.close();
    const before = await CollectedData.open({ ...stream, storage: { directory } });
    // A folder of rows stands below `modeldata`.
    await before.compactDays(path.join(target, 'modeldata'));
    const after = await CollectedData.open({ ...stream, storage: { directory: target } });
    expect(await all(after.rows())).toEqual(await all(before.rows()));
    expect(await after.verify()).toMatchObject({ holds: true });
  });

  it('never merges what follows with a file that ends within a record', async () => {
    for (const torn of ['2,a-2', '"2\n']) {
      const { data, target, read, names } = await prepared({
        [`${DAY}/data.csv`]: HEADER + row('1', 'a-1') + torn,
        [`${DAY}/data-2.csv`]: HEADER + row('3', 'a-3'),
        [`${DAY}/data-3.csv`]: HEADER + row('4', 'a-4'),
      });
      const { days } = await data.compactDays(target);
      expect(days[0]?.torn).toEqual([`${ROOT}/${DAY}/data.csv`]);
      expect(await names()).toEqual(['data-2.csv', 'data.csv']);
      expect(await read(`${DAY}/data.csv`)).toBe(HEADER + row('1', 'a-1') + torn);
      expect(await read(`${DAY}/data-2.csv`)).toBe(HEADER + row('3', 'a-3') + row('4', 'a-4'));
    }
  });

  it('merges files without header that have as many columns, and no others', async () => {
    const { data, target, read, names } = await prepared({
      [`${DAY}/data.csv`]: row('1', 'a-1'),
      [`${DAY}/data-2.csv`]: row('2', 'a-2'),
      [`${DAY}/data-3.csv`]: row('3,3', 'a-3'),
    });
    await data.compactDays(target);
    const other = `data-${hash('2 unnamed features').slice(0, 8)}.csv`;
    expect(await names()).toEqual([other, 'data.csv'].sort());
    expect(await read(`${DAY}/data.csv`)).toBe(row('1', 'a-1') + row('2', 'a-2'));
    expect(await read(`${DAY}/${other}`)).toBe(row('3,3', 'a-3'));
  });

  it('leaves days alone whose rows may still come', async () => {
    const now = Date.now();
    const day = (ago: number) => new Date(now - ago * 86_400_000).toISOString().slice(0, 10).replaceAll('-', '/');
    const at = (ms: number) => new Date(now - ms).toISOString();
    const files = (name: string, ledger?: string) => ({
      [`${name}/data.csv`]: HEADER + row('1', 'a-1'),
      ...(ledger === undefined ? {} : { [`${name}/_ledger.jsonl`]: ledger }),
    });
    const { data, target } = await prepared({
      ...files(day(0), entry('a', 'closed', at(0))),
      ...files(day(2), entry('a', 'closed', at(1000)) + entry('b', 'open', at(1000))),
      ...files(day(3), entry('a', 'open', at(7_200_000))),
      ...files(day(4), entry('a', 'open', at(1000)) + entry('a', 'closed', at(500))),
      ...files(day(5), entry('a', 'open', at(9_000_000)) + entry('a', 'recovered', at(500))),
      ...files(day(6)),
    });
    const { days } = await data.compactDays(target);
    expect(days.map(({ outcome, reason }) => [outcome, reason])).toEqual([
      ['written', undefined],
      ['written', undefined],
      ['written', undefined],
      ['written', undefined],
      ['open', 'the writer b has not closed, and was there within the last hour'],
      ['open', 'the day is not over'],
    ]);
  });

  it('keeps what is there and unchanged, and removes parts whose rows have moved', async () => {
    const { data, directory, target, read, names } = await prepared({
      [`${DAY}/data.csv`]: `${HEADER + row('1', 'a-1')}2,a`,
      [`${DAY}/data-2.csv`]: HEADER + row('3', 'a-3'),
    });
    await data.compactDays(target);
    expect((await data.compactDays(target)).days[0]?.outcome).toBe('kept');
    expect((await data.compactDays(target, { overwrite: true })).days[0]?.outcome).toBe('written');
    await rm(path.join(target, ROOT, DAY, 'data.csv'));
    expect((await data.compactDays(target)).days[0]?.outcome).toBe('written');
    expect(await names()).toEqual(['data-2.csv', 'data.csv']);
    // The writer came back and finished its row.
    await writeFiles(directory, { [`${ROOT}/${DAY}/data.csv`]: HEADER + row('1', 'a-1') + row('2', 'a-2') });
    expect((await data.compactDays(target)).days[0]?.outcome).toBe('written');
    expect(await names()).toEqual(['data.csv']);
    expect(await read(`${DAY}/data.csv`)).toBe(HEADER + row('1', 'a-1') + row('2', 'a-2') + row('3', 'a-3'));
  });

  it('copies files of the Python package as they are', async () => {
    const text = '\r\n0.1,a\r\n';
    const { data, target, read } = await prepared({ [`${DAY}/inputs.csv`]: text });
    await data.compactDays(target);
    expect(await read(`${DAY}/inputs.csv`)).toBe(text);
  });

  it('goes on after it was ended', async () => {
    const { data, target, names } = await prepared({
      '2026/03/04/data.csv': HEADER + row('1', 'a-1'),
      '2026/03/05/data.csv': HEADER + row('2', 'a-2'),
    });
    const controller = new AbortController();
    const ended = data.compactDays(target, {
      abortSignal: controller.signal,
      onProgress: () => controller.abort(new Error('enough')),
    });
    await expect(ended).rejects.toThrow('enough');
    expect(await names()).toEqual(['data.csv']);
    expect((await data.compactDays(target)).days.map(({ outcome }) => outcome)).toEqual(['kept', 'written']);
  });

  it.each<[string, boolean, object]>([
    ['target', false, {}],
    ['target', true, { inPlace: true }],
    ['inPlace', false, { inPlace: 1 }],
    ['inPlace', false, { inPlace: true }],
    ['overwrite', true, { overwrite: 'yes' }],
  ])('refuses a wrong %s', async (name, hasTarget, options) => {
    const { data, target } = await prepared({ [`${DAY}/data.csv`]: HEADER });
    await expect(data.compactDays(hasTarget ? target : undefined, options as CompactOptions)).rejects.toMatchObject({
      code: 'VALIDATION',
      message: expect.stringContaining(name),
    });
  });
});
