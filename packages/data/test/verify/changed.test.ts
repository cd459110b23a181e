import { cp, mkdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { LedgerEntry } from '@azureml-ts/monitoring';
import fc from 'fast-check';
import { clockAt, collector, temporaryFolder } from '../support/stream.ts';
import {
  change,
  changeLines,
  codes,
  DAY,
  errorCodes,
  folderOptions,
  inDay,
  NOON,
  rows,
  twoWriters,
  verify,
} from './support.ts';

/** What two writers have stored; made once, changed in copies. */
let original: string;
beforeAll(async () => {
  original = await twoWriters();
});

async function copied(): Promise<string> {
  const directory = await temporaryFolder();
  await cp(original, directory, { recursive: true });
  return directory;
}

const ledgerOf = (directory: string) => inDay(directory, '_ledger.jsonl');

/** Changes the entries of a ledger. */
function changeEntries(directory: string, edit: (entry: LedgerEntry) => object | undefined): Promise<void> {
  return changeLines(ledgerOf(directory), (lines) =>
    lines.flatMap((line) => {
      const entry = edit(JSON.parse(line) as LedgerEntry);
      return entry === undefined ? [] : [JSON.stringify(entry)];
    }),
  );
}

/** The last word of the writer of calls with three rows. */
const isLast = ({ kind, collected }: LedgerEntry) => kind === 'closed' && collected === 30;

describe('lines that were changed by hand', () => {
  it('finds a line that was taken out, by the count and, for a call of one row, by its number', async () => {
    const directory = await copied();
    const text = await readFile(inDay(directory), 'utf8');
    const lines = text.split('\n');
    const single = lines.findIndex((line) => line.startsWith('503,') || line.startsWith('530,'));
    const id = /,(\w{12})-(\d+),/.exec(lines[single] ?? '');
    await changeLines(inDay(directory), (all) => all.toSpliced(single, 1));
    const report = await verify(directory);
    expect(errorCodes(report)).toEqual(['CALLS_MISSING', 'ROWS_MISSING']);
    const number = Number(id?.[2]);
    expect(report.findings).toMatchObject([
      { code: 'CALLS_MISSING', day: DAY, writer: id?.[1], calls: [{ first: number, last: number }] },
      { code: 'ROWS_MISSING', day: DAY, writer: id?.[1], counts: { stored: 10, found: 9, missing: 1 } },
    ]);
    const writer = report.days[0]?.writers.find((one) => one.writer === id?.[1]);
    expect(writer).toMatchObject({ holds: false, rowsFound: 9, missingCalls: 1, missing: [{ first: number }] });
    expect(report.days[0]?.writers.filter(({ holds }) => holds)).toHaveLength(1);
  });

  it('finds a line that is there twice, one after the other and elsewhere', async () => {
    const beside = await copied();
    await changeLines(inDay(beside), (all) => all.toSpliced(5, 0, all[5] ?? ''));
    const report = await verify(beside);
    expect(errorCodes(report)).toEqual(['ROWS_TOO_MANY']);
    expect(report.findings).toMatchObject([{ counts: { tooMany: 1 } }]);
    const elsewhere = await copied();
    await changeLines(inDay(elsewhere), (all) => [...all, all[2] ?? '']);
    const other = await verify(elsewhere);
    expect(errorCodes(other)).toEqual(['DUPLICATE_CALL', 'ROWS_TOO_MANY']);
    const text = await readFile(inDay(elsewhere), 'utf8');
    const [duplicate] = other.findings;
    expect(duplicate?.places).toEqual([
      {
        record: 42,
        byteOffset: text.lastIndexOf('\n', text.length - 2) + 1,
        call: expect.stringMatching(/^\w{12}-\d+$/),
      },
    ]);
  });

  it('finds a header that was taken out, changed or repeated', async () => {
    for (const edit of [
      (all: string[]) => all.slice(1),
      (all: string[]) => all.with(0, (all[0] ?? '').replace('x,', 'z,')),
    ]) {
      const directory = await copied();
      await changeLines(inDay(directory), edit);
      expect(errorCodes(await verify(directory))).toEqual(['HEADER_UNKNOWN']);
    }
    const directory = await copied();
    await changeLines(inDay(directory), (all) => all.toSpliced(7, 0, all[0] ?? ''));
    const report = await verify(directory);
    expect(report.findings).toMatchObject([{ code: 'HEADER_REPEATED', places: [{ record: 8 }] }]);
    expect(report.totals.rowsFound).toBe(40);
  });

  it('finds records that are broken, and where', async () => {
    const directory = await copied();
    await changeLines(inDay(directory), (all) => all.with(3, '1,2'));
    const lines = (await readFile(inDay(directory), 'utf8')).split('\n');
    const report = await verify(directory);
    expect(errorCodes(report)).toContain('BAD_RECORD');
    expect(report.findings.find(({ code }) => code === 'BAD_RECORD')).toMatchObject({
      path: expect.stringMatching(/2026\/03\/04\/data\.csv$/),
      counts: { records: 1, columns: 6, cells: 2 },
      places: [{ record: 4, byteOffset: lines.slice(0, 3).join('\n').length + 1 }],
    });
  });

  it('finds a file that was cut, at a line end and within a line', async () => {
    const directory = await copied();
    const file = inDay(directory);
    const text = await readFile(file);
    await truncate(file, text.lastIndexOf('\n', text.length - 2) + 1);
    expect(errorCodes(await verify(directory))).toContain('ROWS_MISSING');
    await truncate(file, text.lastIndexOf('\n', text.length - 2) - 4);
    const report = await verify(directory);
    expect(errorCodes(report)).toEqual(expect.arrayContaining(['ROWS_MISSING', 'TORN_END']));
    await truncate(file, 0);
    expect(errorCodes(await verify(directory))).toContain('ROWS_MISSING');
    await rm(file);
    expect(errorCodes(await verify(directory))).toContain('ROWS_MISSING');
  });

  it('finds an opened quote that swallows the rest of the file', async () => {
    const directory = await copied();
    await changeLines(inDay(directory), (all) => all.with(9, `"${all[9]}`));
    expect(errorCodes(await verify(directory))).toEqual(expect.arrayContaining(['TORN_END', 'ROWS_MISSING']));
  });

  it('finds rows whose id or time was changed', async () => {
    const edits: [string, (line: string) => string][] = [
      ['ROW_OF_OTHER_DAY', (line) => line.replace('2026-03-04T', '2026-03-05T')],
      ['BAD_TIMESTAMP', (line) => line.replace('2026-03-04T', '2026-33-04T')],
      ['ROW_WITHOUT_ID', (line) => line.replace(/,\w{12}-\d+,/, ',,')],
      ['ROWS_MISSING', (line) => line.replace(/,\w{12}-(\d+),/, ',AAAAbbbb1234-$1,')],
      ['CALLS_CONTRADICT', (line) => line.replace(/,(\w{12})-\d+,/, ',$1-77,')],
    ];
    for (const [code, edit] of edits) {
      const directory = await copied();
      await changeLines(inDay(directory), (all) => all.with(4, edit(all[4] ?? '')));
      expect([code, errorCodes(await verify(directory))]).toEqual([code, expect.arrayContaining([code])]);
    }
  });

  it('never misses one change of the lines, whichever it is', async () => {
    const lines = (await readFile(inDay(original), 'utf8')).split('\n').slice(0, -1);
    const bytes = lines.join('\n').length + 1;
    const line = fc.nat(lines.length - 1);
    const changes = fc.oneof(
      fc.record({ kind: fc.constant('remove' as const), at: line, count: fc.integer({ min: 1, max: 5 }) }),
      fc.record({ kind: fc.constant('double' as const), at: line, to: line }),
      fc.record({ kind: fc.constant('cut' as const), at: fc.nat(bytes - 1) }),
      fc.record({
        kind: fc.constant('cutOut' as const),
        at: fc.nat(bytes - 1),
        count: fc.integer({ min: 70, max: 300 }),
      }),
      fc.record({
        kind: fc.constant('id' as const),
        at: fc.integer({ min: 1, max: lines.length - 1 }),
        digit: fc.nat(8),
      }),
    );
    const directory = await copied();
    await fc.assert(
      fc.asyncProperty(changes, async (edit) => {
        const text = `${lines.join('\n')}\n`;
        const all = [...lines];
        let changed: string;
        if (edit.kind === 'cut') {
          changed = text.slice(0, edit.at);
        } else if (edit.kind === 'cutOut') {
          changed = text.slice(0, edit.at) + text.slice(edit.at + edit.count);
        } else {
          if (edit.kind === 'remove') {
            all.splice(edit.at, edit.count);
          } else if (edit.kind === 'double') {
            all.splice(edit.to, 0, all[edit.at] ?? '');
          } else {
            all[edit.at] = (all[edit.at] ?? '').replace(
              /-(\d+),/,
              (_, number) => `-${Number(number) + edit.digit + 11},`,
            );
          }
          changed = `${all.join('\n')}\n`;
        }
        await writeFile(inDay(directory), changed);
        const report = await verify(directory);
        expect(report.holds).toBe(false);
      }),
      { numRuns: 150 },
    );
    await writeFile(inDay(directory), `${lines.join('\n')}\n`);
    expect(await verify(directory)).toMatchObject({ holds: true, findings: [] });
  });

  it('never misses a line taken out or doubled where rows have ids of other calls', async () => {
    const directory = await temporaryFolder();
    const inputs = collector(folderOptions(directory));
    const predictions = [0, 1, 2].map(() =>
      collector(folderOptions(directory, { designation: 'predictions', featureNames: ['p'] })),
    );
    for (let index = 0; index < 12; index += 1) {
      predictions[index % 3]?.collect(
        rows(2, index).map(([x]) => [x ?? 0]),
        {
          correlations: inputs.collect(rows(2, index)).correlations,
        },
      );
    }
    await Promise.all([inputs, ...predictions].map((one) => one.close()));
    const file = inDay(directory).replace('/inputs/', '/predictions/');
    const lines = (await readFile(file, 'utf8')).split('\n').slice(0, -1);
    const line = fc.integer({ min: 1, max: lines.length - 1 });
    await fc.assert(
      fc.asyncProperty(line, line, fc.boolean(), async (at, to, isRemoved) => {
        const changed = isRemoved ? lines.toSpliced(at, 1) : lines.toSpliced(to, 0, lines[at] ?? '');
        await writeFile(file, `${changed.join('\n')}\n`);
        const report = await verify(directory, {}, { designation: 'predictions' });
        expect(errorCodes(report)).toContain(isRemoved ? 'ROWS_MISSING' : 'ROWS_TOO_MANY');
      }),
      { numRuns: 60 },
    );
  });
});

describe('files that were moved', () => {
  it('finds one that was renamed, one that stands nowhere, and folders that are spelled in two ways', async () => {
    for (const [name, severity] of [
      ['old.csv', 'warning'],
      ['data (1).csv', 'error'],
    ] as const) {
      const directory = await copied();
      await rename(inDay(directory), inDay(directory, name));
      const report = await verify(directory);
      expect(errorCodes(report)).toContain('ROWS_MISSING');
      expect(report.findings.find(({ code }) => code === 'FILE_NOT_READ')).toMatchObject({
        severity,
        day: DAY,
        path: expect.stringContaining(name),
      });
    }
    const outside = await copied();
    await rename(inDay(outside), path.join(inDay(outside, ''), '..', 'data.csv'));
    expect(codes((await verify(outside)).findings)).toEqual(
      expect.arrayContaining(['FILE_OUTSIDE_DAY', 'ROWS_MISSING']),
    );

    const unpadded = await copied();
    const copy = inDay(unpadded, '', '2026-3-4');
    await mkdir(copy, { recursive: true });
    await rename(inDay(unpadded), path.join(copy, 'data.csv'));
    await writeFile(inDay(unpadded), '');
    const report = await verify(unpadded);
    expect(report).toMatchObject({ holds: true, findings: [{ code: 'FOLDER_UNPADDED', severity: 'warning' }] });
    expect(report.totals.rowsFound).toBe(40);

    const cased = await copied();
    await cp(
      path.join(cased, 'modeldata/sub/rg/ws/svc/best_model/1/inputs'),
      path.join(cased, 'modeldata/sub/rg/ws/svc/best_model/1/Inputs'),
      { recursive: true },
    );
    expect((await verify(cased)).findings).toMatchObject([
      { code: 'FOLDER_CASE', path: expect.stringMatching(/1\/Inputs\/$/) },
    ]);
  });

  it('finds a file that was copied within its day, and to another day', async () => {
    const directory = await copied();
    await cp(inDay(directory), inDay(directory, 'data-2.csv'));
    expect(errorCodes(await verify(directory))).toEqual(['DUPLICATE_CALL', 'ROWS_TOO_MANY']);
    const other = await copied();
    await cp(inDay(other, ''), inDay(other, '', '2026-03-05'), { recursive: true });
    expect(errorCodes(await verify(other))).toEqual(
      expect.arrayContaining(['DUPLICATE_CALL', 'ENTRY_MISPLACED', 'ROW_OF_OTHER_DAY']),
    );
  });

  it('finds a file whose header is not the one that its name says', async () => {
    const directory = await temporaryFolder();
    for (const featureNames of [['x'], ['z']]) {
      const inputs = collector(folderOptions(directory, { featureNames }));
      inputs.collect([[1]]);
      await inputs.close();
    }
    expect(await verify(directory)).toMatchObject({ holds: true, totals: { files: 2 } });
    const text = await readFile(inDay(directory), 'utf8');
    const [name = ''] = (await verify(directory)).files.flatMap(({ path: file }) => /data-\w+\.csv$/.exec(file) ?? []);
    await change(inDay(directory, name), (own) => text.split('\n')[0] + own.slice(own.indexOf('\n')));
    expect(errorCodes(await verify(directory))).toEqual(['HEADER_UNKNOWN']);
  });
});

describe('a ledger that was changed', () => {
  it('is missed when it is gone, and without the entries of one writer', async () => {
    const directory = await copied();
    await rm(ledgerOf(directory));
    const report = await verify(directory);
    expect(report.findings).toMatchObject([{ code: 'LEDGER_MISSING', day: DAY, counts: { rows: 40, files: 1 } }]);
    expect(report.days[0]?.writers.map(({ state, stored }) => [state, stored])).toEqual([
      ['unknown', null],
      ['unknown', null],
    ]);
    const other = await copied();
    let gone = '';
    await changeEntries(other, (entry) => {
      gone = isLast(entry) ? entry.writer : gone;
      return entry;
    });
    await changeEntries(other, (entry) => (entry.writer === gone ? undefined : entry));
    const without = await verify(other);
    expect(without.findings).toMatchObject([{ code: 'ROWS_WITHOUT_LEDGER', counts: { rows: 30 } }]);
    expect(without.findings[0]?.message).toContain(gone);
    expect(without.days[0]?.writers.find(({ writer }) => writer === gone)).toMatchObject({
      state: 'unknown',
      rowsFound: 30,
    });
  });

  it('says of a writer whose last word was taken out that it is open', async () => {
    const directory = await copied();
    await changeEntries(directory, (entry) => (isLast(entry) ? undefined : entry));
    const report = await verify(directory);
    expect(report).toMatchObject({ holds: true, findings: [{ code: 'WRITER_NOT_CLOSED' }] });
    expect(await verify(directory, { strict: true })).toMatchObject({ holds: false });
  });

  it('contradicts itself, the rows or what it said before', async () => {
    const edits: [string, (entry: LedgerEntry) => object][] = [
      ['ENTRY_CONTRADICTS', (entry) => ({ ...entry, stored: entry.stored - 1 })],
      ['ENTRY_CONTRADICTS', (entry) => ({ ...entry, collected: entry.collected + 1 })],
      ['ENTRY_CONTRADICTS', (entry) => ({ ...entry, dropped: { bufferFull: 2 } })],
      ['ENTRY_CONTRADICTS', (entry) => ({ ...entry, collected: 3, stored: 3 })],
      ['ROWS_MISSING', (entry) => ({ ...entry, collected: 31, stored: 31 })],
      ['ROWS_MISSING', (entry) => ({ ...entry, collected: 31, stored: 31, otherIds: 0 })],
      ['ROWS_TOO_MANY', (entry) => ({ ...entry, dropped: { bufferFull: 2 }, stored: 28 })],
      ['CALLS_MISSING', (entry) => ({ ...entry, lastCall: 11 })],
      ['CALLS_CONTRADICT', (entry) => ({ ...entry, lastCall: 9 })],
      ['CALLS_CONTRADICT', (entry) => ({ ...entry, gaps: [{ reason: 'invalid', first: 3, last: 4, rows: 2 }] })],
      ['ROWS_WAITING', (entry) => ({ ...entry, collected: 35, pending: 5 })],
      ['ENTRY_MISPLACED', (entry) => ({ ...entry, day: '2026-03-05' })],
      ['HEADER_UNKNOWN', (entry) => ({ ...entry, schemas: ['00000000'] })],
    ];
    for (const [code, edit] of edits) {
      const directory = await copied();
      // The other writer says the same of its columns.
      await changeEntries(directory, (entry) => (isLast(entry) || code === 'HEADER_UNKNOWN' ? edit(entry) : entry));
      expect([code, errorCodes(await verify(directory))]).toEqual([code, expect.arrayContaining([code])]);
    }
    const halved = await copied();
    await change(ledgerOf(halved), (text) => `${text}{"version":1,"stre\n{"version":2}\n{"version":1}\n`);
    expect((await verify(halved)).findings).toMatchObject([
      { code: 'LEDGER_BAD_LINE', severity: 'warning', counts: { lines: 3 } },
    ]);
    const renamed = await copied();
    await change(ledgerOf(renamed), (text) => text.replaceAll('"svc"', '"other"'));
    const report = await verify(renamed);
    expect(report.holds).toBe(true);
    expect(codes(report.findings)).toEqual(['ENTRY_MISPLACED']);
  });

  it('tells a missing call of some days as a warning: another day may know of it', async () => {
    const directory = await temporaryFolder();
    const inputs = collector(folderOptions(directory));
    for (let index = 0; index < 6; index += 1) {
      inputs.collect(rows(1, index));
    }
    await inputs.close();
    await changeLines(inDay(directory), (all) => all.toSpliced(3, 1));
    await changeEntries(directory, (entry) => ({ ...entry, collected: 5, stored: 5, pending: 0 }));
    expect((await verify(directory)).findings).toMatchObject([{ code: 'CALLS_MISSING', severity: 'error' }]);
    const part = await verify(directory, {}, { from: DAY });
    expect(part).toMatchObject({ holds: true, range: 'partial', findings: [{ code: 'CALLS_MISSING' }] });
  });

  it('explains rows that were given up although they were stored, and those that died with their process', async () => {
    const directory = await copied();
    await changeEntries(directory, (entry) =>
      isLast(entry)
        ? { ...entry, stored: 27, dropped: { failed: 3 }, gaps: [{ reason: 'failed', first: 10, last: 10, rows: 3 }] }
        : entry,
    );
    expect(await verify(directory)).toMatchObject({
      holds: true,
      findings: [{ code: 'FAILED_ROWS_FOUND', severity: 'warning', counts: { rows: 3 } }],
    });
    const lost = await copied();
    await changeEntries(lost, (entry) =>
      isLast(entry) ? { ...entry, kind: 'open', collected: 34, pending: 4 } : entry,
    );
    await change(ledgerOf(lost), (text) => {
      const open = text.split('\n').find((line) => line.includes('"collected":34')) ?? '';
      const { gaps, ...rest } = JSON.parse(open) as LedgerEntry;
      const at = new Date(Date.parse(NOON) + 1_000).toISOString();
      return `${text}${JSON.stringify({ ...rest, gaps, kind: 'recovered', entry: 1, at, collected: 30, pending: 0 })}\n`;
    });
    const report = await verify(lost);
    expect(report.findings).toMatchObject([{ code: 'ROWS_LOST', severity: 'error', counts: { lost: 4 } }]);
    expect(report.days[0]?.writers.map(({ state }) => state).sort()).toEqual(['closed', 'recovered']);
  });

  it('takes a writer for open that wrote again after another process had taken its journal', async () => {
    const directory = await copied();
    await changeEntries(directory, (entry) => (isLast(entry) ? { ...entry, kind: 'open' } : entry));
    await change(ledgerOf(directory), (text) => {
      const open = text.split('\n').findLast((line) => line.includes('"collected":30')) ?? '';
      const at = new Date(Date.parse(NOON) - 1_000).toISOString();
      const early = {
        ...(JSON.parse(open) as object),
        kind: 'recovered',
        entry: 1,
        at,
        collected: 15,
        stored: 15,
        pending: 0,
      };
      return `${text}${JSON.stringify(early)}\n`;
    });
    const report = await verify(directory);
    expect(report).toMatchObject({ holds: true, findings: [{ code: 'WRITER_NOT_CLOSED' }] });
  });
});

describe('a day that goes on', () => {
  it('is not torn by a row that is being written, and may have more rows than the last entry', async () => {
    const directory = await temporaryFolder();
    const today = new Date().toISOString();
    const inputs = collector(folderOptions(directory, { clock: clockAt(today) }));
    inputs.collect(rows(4));
    await inputs.flush();
    const file = inDay(directory, 'data.csv', today.slice(0, 10));
    const text = await readFile(file, 'utf8');
    await writeFile(file, `${text}7,half a ro`);
    expect(await verify(directory)).toMatchObject({ holds: true, findings: [], totals: { rowsFound: 4 } });
    await writeFile(file, text);
    await inputs.close();
    await writeFile(file, `${text}7,half a ro`);
    expect(errorCodes(await verify(directory))).toEqual(['TORN_END']);
  });
});
