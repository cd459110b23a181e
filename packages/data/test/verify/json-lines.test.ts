import { createHash } from 'node:crypto';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { BasicCorrelationContext, Collector } from '@azureml-ts/monitoring';
import fc from 'fast-check';
import type { Finding, JsonLinesOptions, VerifyOptions, VerifyReport } from '../../src/index.ts';
import { FOLDER, openLines, record, writeLines } from '../support/json-lines.ts';
import { all, temporaryFolder } from '../support/stream.ts';
import { codes, errorCodes } from './support.ts';

const DAY = '2026-03-04';
const FILE = `${FOLDER}/2026/03/04/05/0f3c.jsonl`;
const OTHER = `${FOLDER}/2026/03/04/06/0f3c.jsonl`;

/** A record of one row whose ids are its own. */
function line(id: string, more: Record<string, unknown> = {}, data = '[{"x":1}]'): string {
  return `${record(data, { id: `r-${id}`, correlationid: `c-${id}`, xrequestid: `c-${id}`, ...more })}\n`;
}

async function verify(
  directory: string,
  options: VerifyOptions = {},
  more: Partial<JsonLinesOptions> = {},
): Promise<VerifyReport> {
  return (await openLines(directory, more)).verify(options);
}

async function verifyFiles(files: Record<string, string | Uint8Array>, options: VerifyOptions = {}) {
  const directory = await temporaryFolder();
  await writeLines(directory, files);
  return verify(directory, options);
}

/** What is told besides that there is no ledger. */
function found({ findings }: VerifyReport): Finding[] {
  return findings.filter(({ code }) => code !== 'LEDGER_ABSENT');
}

/** A folder with what a collector stored: calls of several rows on two days, and on one a call that is large. */
async function collected(): Promise<string> {
  const directory = await temporaryFolder();
  const sink = { directory, endpointName: 'ep', deploymentName: 'blue' };
  const collector = new Collector({ name: 'model_inputs', sink });
  const at = (time: string, id: string) => new BasicCorrelationContext({ id, timestamp: Date.parse(time) / 1000 });
  for (let index = 0; index < 5; index += 1) {
    collector.collect([{ x: index }, { x: index + 0.5 }], at(`2026-03-04T0${index}:59:59Z`, `call-${index}`));
  }
  const large = Array.from({ length: 5 }, (_, x) => ({ x, text: 'y'.repeat(1_000_000) }));
  collector.collect(large, at('2026-03-05T23:00:00Z', 'large'));
  await collector.close();
  return directory;
}

async function filesOf(directory: string, end: string): Promise<string[]> {
  const names = await readdir(path.join(directory, FOLDER), { recursive: true });
  return names.filter((name) => name.endsWith(end)).sort();
}

describe('what a collector stored as JSON Lines', () => {
  it('is read to its end, and told to be without a ledger', async () => {
    const report = await verify(await collected());
    expect(report).toMatchObject({
      holds: true,
      range: 'whole',
      stream: { webserviceName: 'ep', modelName: 'blue', designations: ['model_inputs'] },
      totals: { days: 2, files: 6, rowsFound: 15, writers: 0, collected: 0, stored: 0, errors: 0, warnings: 2 },
    });
    expect(report.days).toEqual([
      expect.objectContaining({ day: '2026-03-04', files: 5, rows: 10, underOtherIds: 10, writers: [] }),
      expect.objectContaining({ day: '2026-03-05', files: 1, rows: 5, layout: 'json-lines', hasLedger: false }),
    ]);
    expect(report.findings.map(({ code, severity, day, counts }) => [code, severity, day, counts])).toEqual([
      ['LEDGER_ABSENT', 'warning', '2026-03-04', { rows: 10, files: 5, records: 5 }],
      ['LEDGER_ABSENT', 'warning', '2026-03-05', { rows: 5, files: 1, records: 1 }],
    ]);
    expect(report.findings[0]?.message).toMatch(/nobody keeps a ledger: whether any is missing cannot be proven/);
  });

  it('has the hash of every file, also of the rows that stand apart from their record', async () => {
    const directory = await collected();
    const { files } = await verify(directory, { hashes: true });
    expect(files.map(({ kind, day, rows }) => [kind, day, rows])).toEqual([
      ...Array.from({ length: 5 }, () => ['rows', '2026-03-04', 2]),
      ['rows', '2026-03-05', 5],
      ['payload', '2026-03-05', 0],
    ]);
    for (const { path: name, bytes, sha256 } of files) {
      const content = await readFile(path.join(directory, name));
      expect([name, bytes, sha256]).toEqual([name, content.length, createHash('sha256').update(content).digest('hex')]);
    }
  });

  it('lacks the rows of a record whose blob is gone', async () => {
    const directory = await collected();
    const [name = ''] = await filesOf(directory, '.json');
    await rm(path.join(directory, FOLDER, name));
    const report = await verify(directory);
    expect([report.holds, report.days.map(({ rows, holds }) => [rows, holds])]).toEqual([
      false,
      [
        [10, true],
        [0, false],
      ],
    ]);
    expect(found(report)).toMatchObject([
      { code: 'DATAREF_FAILED', severity: 'error', counts: { records: 1 }, places: [{ record: 1, byteOffset: 0 }] },
    ]);
    expect(found(report)[0]?.message).toMatch(/is not there\. Put the blob back/);
  });

  it('has a blob that no record names, when its record is gone', async () => {
    const directory = await collected();
    const lines = (await filesOf(directory, '.jsonl')).at(-1) ?? '';
    await writeFile(path.join(directory, FOLDER, lines), '');
    const [payload] = await filesOf(directory, '.json');
    const report = await verify(directory);
    expect(found(report)).toMatchObject([
      { code: 'FILE_NOT_READ', severity: 'warning', day: '2026-03-05', path: `${FOLDER}/${payload}` },
    ]);
    expect([report.holds, report.totals.rowsFound]).toEqual([true, 10]);
  });
});

describe('records of JSON Lines', () => {
  it('that are none are told with their number and place, and not counted', async () => {
    const first = line('a');
    const bad = '{"correlationid":"b","data":{"x":1}}\n';
    const report = await verifyFiles({ [FILE]: `${first}${bad}\n${line('c')}no json\n`, [OTHER]: line('d') });
    expect(found(report)).toMatchObject([
      {
        code: 'BAD_RECORD',
        severity: 'error',
        day: DAY,
        path: FILE,
        counts: { records: 2, rows: 0 },
        places: [
          { record: 2, byteOffset: first.length },
          { record: 5, byteOffset: first.length + bad.length + 1 + line('c').length },
        ],
      },
    ]);
    expect(found(report)[0]?.message).toMatch(
      /^2 records of .* Line 2 of .* there is data that is an object, where a list of rows should be\. Compare the file/,
    );
    expect([report.holds, report.totals.rowsFound, report.days[0]?.holds]).toEqual([false, 3, false]);
  });

  it('end with their file, when its day is over', async () => {
    const whole = line('a') + line('b');
    const report = await verifyFiles({ [FILE]: whole + line('c').slice(0, -9), [OTHER]: line('d').trimEnd() });
    expect(found(report)).toMatchObject([
      {
        code: 'TORN_END',
        severity: 'error',
        path: FILE,
        counts: { byteOffset: whole.length, bytes: line('c').length - 9 },
        places: [{ record: 3, byteOffset: whole.length }],
      },
    ]);
    expect(report.totals.rowsFound).toBe(3);
  });

  it('of today may be on their way', async () => {
    // So that no midnight comes between.
    const now = new Date(Date.now() + 3_600_000).toISOString();
    const file = `${FOLDER}/${now.slice(0, 10).replaceAll('-', '/')}/${now.slice(11, 13)}/0f3c.jsonl`;
    const report = await verifyFiles({ [file]: line('a', { time: now }) + line('b').slice(0, -9) });
    expect([found(report), report.totals.rowsFound]).toEqual([[], 1]);
  });

  it('that are longer than any may be are told, and those behind them read', async () => {
    const long = Buffer.alloc(68 * 1_048_576, ' ');
    long[long.length - 1] = 0x0a;
    const report = await verifyFiles({ [FILE]: Buffer.concat([Buffer.from(line('a')), long, Buffer.from(line('b'))]) });
    expect(found(report)).toMatchObject([
      { code: 'RECORD_TOO_LONG', severity: 'error', places: [{ record: 2, byteOffset: line('a').length }] },
    ]);
    expect(report.totals).toMatchObject({ rowsFound: 2, bytes: line('a').length * 2 + long.length });
  });

  it('may have come late, so one in the folder of another day is a warning, and one of another hour is nothing', async () => {
    const report = await verifyFiles({
      [FILE]:
        line('a', { time: '2026-03-04T23:59:59Z' }) +
        line('b', { time: '2026-03-05T01:30:00+02:00' }) +
        line('c', { time: '2026-03-03T23:59:59Z' }, '[{"x":1},{"x":2}]') +
        line('d', { time: '2026-03-04T23:30:00-01:00' }),
    });
    expect(found(report)).toMatchObject([
      { code: 'ROW_OF_OTHER_DAY', severity: 'warning', counts: { records: 2, rows: 3 } },
    ]);
    expect(found(report)[0]?.places?.map(({ record: number }) => number)).toEqual([3, 4]);
    expect(report.holds).toBe(true);
  });

  it('need no time, but one that can be read', async () => {
    const report = await verifyFiles({
      [FILE]: line('a', { time: undefined }) + line('b', { time: 'yesterday' }) + line('c', { time: 1_772_600_767 }),
    });
    expect(found(report)).toMatchObject([
      {
        code: 'BAD_TIMESTAMP',
        severity: 'error',
        counts: { records: 2, rows: 2 },
        places: [{ record: 2 }, { record: 3 }],
      },
    ]);
  });

  it('without the id of a call are told, unless their rows brought it', async () => {
    const own = '"$aml_dc_correlation_id":"own"';
    const report = await verifyFiles({
      [FILE]:
        line('a', { correlationid: undefined }, '[{"x":1},{"x":2}]') +
        line('b', { correlationid: undefined }, `[{"x":1,${own}}]`) +
        line('c', { correlationid: null }, '[]') +
        line('d', { correlationid: '' }, `[{"x":1,${own}2"},{"x":2}]`.replace('"own"2"', '"own2"')),
    });
    expect(found(report)).toMatchObject([
      {
        code: 'ROW_WITHOUT_ID',
        severity: 'warning',
        counts: { records: 2, rows: 3 },
        places: [{ record: 1 }, { record: 4 }],
      },
    ]);
  });

  it('whose rows brought ids and times of their own are one record each', async () => {
    const row = (time: string) => `{"$aml_dc_correlation_id":"own","$aml_dc_scoring_timestamp":"${time}"}`;
    const report = await verifyFiles({
      [FILE]: line('a', { correlationid: undefined, time: undefined }, `[${row('soon')},${row('later')}]`),
    });
    expect(found(report)).toMatchObject([{ code: 'BAD_TIMESTAMP', counts: { records: 1, rows: 2 } }]);
  });

  it('that were copied are told, within a file and to another, of another day too', async () => {
    const rows = '[{"x":1},{"x":2}]';
    const next = `${FOLDER}/2026/03/05/00/0f3c.jsonl`;
    const file = line('a', {}, rows) + line('b');
    const report = await verifyFiles({
      [FILE]: file + line('b'),
      [OTHER]: file,
      [next]: line('c', { time: '2026-03-05T00:00:00Z' }) + line('a', { time: '2026-03-05T00:00:00Z' }, '[]'),
    });
    expect(found(report)).toMatchObject([
      {
        code: 'DUPLICATE_RECORD',
        severity: 'error',
        path: FILE,
        counts: { records: 1, rows: 1 },
        places: [{ record: 3, byteOffset: file.length, call: 'r-b' }],
      },
      {
        code: 'DUPLICATE_RECORD',
        path: OTHER,
        counts: { records: 2, rows: 3 },
        places: [{ call: 'r-a' }, { call: 'r-b' }],
      },
      { code: 'DUPLICATE_RECORD', day: '2026-03-05', path: next, counts: { records: 1, rows: 0 } },
    ]);
    expect(found(report)[0]?.message).toContain('The first is record 3');
    expect([report.holds, report.totals.rowsFound]).toEqual([false, 8]);
  });

  it('may share a call when they have ids of their own, and without these were copied', async () => {
    const collectedTwice = await verifyFiles({ [FILE]: line('a') + line('b') + line('c', { correlationid: 'c-a' }) });
    expect(found(collectedTwice)).toMatchObject([
      {
        code: 'DUPLICATE_CALL',
        severity: 'warning',
        counts: { records: 1, rows: 1 },
        places: [{ record: 3, call: 'c-a' }],
      },
    ]);
    expect(collectedTwice.holds).toBe(true);
    const bare = '{"correlationid":"a","data":[{"x":1}]}\n';
    const copied = await verifyFiles({ [FILE]: bare + bare });
    expect(found(copied)).toMatchObject([{ code: 'DUPLICATE_CALL', severity: 'error', places: [{ record: 2 }] }]);
    expect(copied.holds).toBe(false);
  });

  it('are as many as are read, whatever stands between them', async () => {
    const piece = fc.oneof(
      fc
        .integer({ min: 0, max: 3 })
        .map((count) => `{"data":[${Array.from({ length: count }, () => '{"x":1}').join()}]}`),
      fc.constantFrom(
        '',
        '{',
        '{"data":1}',
        '{"dataref":"none.json"}',
        'null',
        '{"data":[{"y":[1,2]},3]}',
        '{"data":[{"":1}]}',
      ),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 12 }), fc.boolean(), async (pieces, isCut) => {
        const directory = await temporaryFolder();
        await writeLines(directory, { [FILE]: pieces.join('\n') + (isCut ? '' : '\n') });
        const bad: number[] = [];
        const rows = await all((await openLines(directory)).rows({ onBadRecord: (one) => void bad.push(one.record) }));
        const report = await verify(directory);
        expect(report.totals.rowsFound).toBe(rows.length);
        const told = found(report).filter(({ code }) => ['BAD_RECORD', 'DATAREF_FAILED', 'TORN_END'].includes(code));
        const places = told.flatMap((finding) => finding.places?.map((place) => place.record) ?? []);
        expect(places.sort((one, other) => one - other)).toEqual(bad);
      }),
      { numRuns: 60 },
    );
  });
});

describe('the folder of a collection', () => {
  it('has files that nobody reads, which are told; marks and locks are none', async () => {
    const names = [
      '2026/03/04/a.jsonl',
      '2026/03/04/05/30/a.jsonl',
      '2026/03/04/05/a.jsonl.gz',
      '2026/03/04/05/body.json',
      '2026/03/04/05/_SUCCESS',
      '2026/03/04/05/.DS_Store',
      '2026/03/04/05/0f3c.jsonl.lock',
      '2026/03/04/_ledger.jsonl',
      '2026/3/4/05/a.jsonl',
      'a.jsonl',
      'readme.md',
    ];
    const beside = Object.fromEntries(names.map((name) => [`${FOLDER}/${name}`, line(name)]));
    const capital = FOLDER.replace('model_inputs', 'Model_Inputs');
    const report = await verifyFiles({ [FILE]: line('a'), ...beside, [`${capital}/2026/03/04/05/a.jsonl`]: line('b') });
    expect(found(report).map(({ code, severity, path: name }) => [code, severity, name])).toEqual([
      ['FILE_OUTSIDE_DAY', 'warning', `${FOLDER}/2026/3/4/05/a.jsonl`],
      ['FILE_OUTSIDE_DAY', 'warning', `${FOLDER}/a.jsonl`],
      ['FOLDER_CASE', 'warning', `${capital}/`],
      ['FILE_NOT_READ', 'warning', `${FOLDER}/2026/03/04/05/30/a.jsonl`],
      ['FILE_NOT_READ', 'warning', `${FOLDER}/2026/03/04/05/a.jsonl.gz`],
      ['FILE_NOT_READ', 'warning', `${FOLDER}/2026/03/04/05/body.json`],
      ['FILE_NOT_READ', 'warning', `${FOLDER}/2026/03/04/a.jsonl`],
    ]);
    expect([report.holds, report.totals.rowsFound]).toEqual([true, 1]);
    expect((await verifyFiles({ [FILE]: line('a'), ...beside }, { strict: true })).holds).toBe(false);
  });

  it('may have nothing in the days that were asked for, and files of other days are not looked at', async () => {
    const directory = await temporaryFolder();
    const next = `${FOLDER}/2026/03/05/05/0f3c.jsonl`;
    await writeLines(directory, { [FILE]: line('a'), [next]: 'no json\n', [`${FOLDER}/2026/03/05/05/b.json`]: '' });
    const report = await verify(directory, {}, { to: DAY });
    expect([report.range, codes(report.findings), report.totals.rowsFound]).toEqual(['partial', ['LEDGER_ABSENT'], 1]);
    const nothing = await verify(directory, {}, { from: '2026-03-06' });
    expect([nothing.holds, codes(nothing.findings), nothing.days]).toEqual([true, ['NOTHING_FOUND'], []]);
    expect(errorCodes(await verify(directory))).toEqual(['BAD_RECORD']);
    await expect(verify(directory, {}, { collectionName: 'inputs' })).rejects.toMatchObject({
      code: 'COLLECTED_DATA_NOT_FOUND',
    });
  });

  it('stands beside those of other collections, which are verified with it when all are asked for', async () => {
    const directory = await temporaryFolder();
    const outputs = FILE.replace('model_inputs', 'model_outputs');
    await writeLines(directory, { [FILE]: line('a') + line('b'), [outputs]: line('a') });
    const report = await verify(directory, { designations: 'all' });
    expect(report.days.map(({ designation, rows }) => [designation, rows])).toEqual([
      ['model_inputs', 2],
      ['model_outputs', 1],
    ]);
    expect(found(report)).toEqual([]);
    const named = await verify(directory, { designations: ['model_outputs'] });
    expect(named.files.map((file) => file.path)).toEqual([outputs]);
    const folder = { endpointName: undefined, deploymentName: undefined, collectionName: undefined, path: FOLDER };
    const byPath = await verify(directory, { designations: [FOLDER] }, folder);
    expect(byPath.totals.rowsFound).toBe(2);
  });

  it('is read until the signal ends it, and progress is told', async () => {
    const directory = await temporaryFolder();
    await writeLines(directory, { [FILE]: line('a'), [OTHER]: line('b') });
    const ending = new AbortController();
    const seen: unknown[] = [];
    const options: VerifyOptions = {
      abortSignal: ending.signal,
      onProgress: ({ designation, path: name, rows }) => {
        seen.push([designation, name, rows]);
        ending.abort(new Error('enough'));
      },
    };
    await expect(verify(directory, options)).rejects.toThrow('enough');
    expect(seen).toEqual([['model_inputs', FILE, 1]]);
  });
});
