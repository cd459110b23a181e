import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { CollectedData, type LabelDuplicate, type LabelOrphan, type LabelSource } from '../../src/index.ts';
import { all, clockAt, collector, stream, temporaryFolder } from '../support/stream.ts';

type Input = { age: number; patient: string };
type Label = { outcome: number };

/** Collects rows whose callers gave ids: one for a call of two rows, one for each row of another, none for the last. */
async function collectRows() {
  const directory = await temporaryFolder();
  const options = { storage: { directory }, clock: clockAt('2026-03-04T05:06:07.890Z') };
  const inputs = collector({ ...options, featureNames: ['age', 'patient'] });
  const predictions = collector({ ...options, designation: 'predictions', featureNames: ['score'] });
  const calls = [
    inputs.collect(
      [
        [41, '007'],
        [42, '008'],
      ],
      { correlationId: 'visit-1' },
    ),
    inputs.collect(
      [
        [43, '009'],
        [44, '010'],
      ],
      { correlationId: ['visit-2', 'visit-3'] },
    ),
    inputs.collect([[45, '011']]),
  ];
  calls.forEach(({ correlations }, index) => {
    predictions.collect(index === 2 ? [[0.5]] : [[0.1 * index], [0.2 * index]], { correlations });
  });
  await Promise.all([inputs.close(), predictions.close()]);
  const open = (designation: string) => CollectedData.open({ ...stream, designation, storage: { directory } });
  return { directory, options, calls, open, inputs: await open('inputs'), predictions: await open('predictions') };
}

const RECORDS = [
  { visit: 'visit-1', outcome: 10 },
  { visit: 'visit-3', outcome: 30 },
  { visit: 'visit-3', outcome: 31 },
  { visit: 'visit-9', outcome: 90 },
  { visit: '', outcome: 0 },
];

async function* later<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

describe('joinLabels()', () => {
  it('takes records, whatever gives them, and CSV and JSON Lines files', async () => {
    const { inputs, predictions, directory } = await collectRows();
    const csv = path.join(directory, 'labels.csv');
    // As a spreadsheet saves it: a mark at the start, CRLF, quotes, no line end at the end of the file.
    await writeFile(
      csv,
      '\ufeffvisit,outcome,"a note"\r\nvisit-1,10,"a,b"\r\n\r\nvisit-3,30,\r\nvisit-3,31,c\r\nvisit-9,90,\r\n,0,',
    );
    const jsonl = path.join(directory, 'labels.jsonl');
    await writeFile(jsonl, `${RECORDS.map((record) => JSON.stringify(record)).join('\n')}\n\n`);
    const sources: LabelSource<Label>[] = [
      RECORDS,
      new Set(RECORDS),
      later(RECORDS),
      csv,
      pathToFileURL(csv),
      pathToFileURL(csv).href,
      jsonl,
    ];
    for (const source of sources) {
      const labelled = inputs.join<Input, { score: number }>(predictions).joinLabels<Label>(source, { on: 'visit' });
      const rows = await all(labelled);
      expect(rows.map(({ left, right, label, position }) => [left.age, position, right.score, label.outcome])).toEqual([
        [41, 0, 0, 10],
        [42, 1, 0, 10],
        [44, 1, 0.2, 31],
      ]);
      expect(labelled.summary).toEqual({
        join: expect.objectContaining({ matched: 5, leftOnly: 0 }),
        rows: 5,
        labelled: 3,
        rowsWithoutLabel: 2,
        rowsWithoutId: 1,
        labels: 5,
        labelsUsed: 2,
        labelsWithoutRow: 1,
        labelsWithoutId: 1,
        duplicateLabels: 1,
        ids: { rowsWithoutLabel: ['visit-2', ''], labelsWithoutRow: ['visit-9'], duplicateLabels: ['visit-3'] },
      });
    }
  });

  it('gives rows without a label where that is asked for, and tells of all that found no other side', async () => {
    const { inputs } = await collectRows();
    const orphans: LabelOrphan[] = [];
    const duplicates: LabelDuplicate[] = [];
    const labelled = inputs.joinLabels<Input, Label>(RECORDS, {
      on: 'visit',
      how: 'left',
      duplicates: 'first',
      columns: ['outcome'],
      left: { columns: ['age'] },
      onOrphan: (orphan) => orphans.push(orphan),
      onDuplicate: (duplicate) => duplicates.push(duplicate),
    });
    const rows = await all(labelled);
    expect(rows.map(({ left, right, label }) => ({ left, right, label }))).toEqual([
      { left: { age: 41 }, right: null, label: { outcome: 10 } },
      { left: { age: 42 }, right: null, label: { outcome: 10 } },
      { left: { age: 43 }, right: null, label: null },
      { left: { age: 44 }, right: null, label: { outcome: 30 } },
      { left: { age: 45 }, right: null, label: null },
    ]);
    expect(orphans.map(({ side, id, position }) => [side, id, position])).toEqual([
      ['row', 'visit-2', 0],
      ['row', '', 0],
      ['label', 'visit-9', undefined],
    ]);
    expect(duplicates).toEqual([{ id: 'visit-3', count: 2 }]);
    expect(labelled.summary.join).toBeNull();
  });

  it('compares a feature of the rows, as text', async () => {
    const { inputs, directory } = await collectRows();
    const file = path.join(directory, 'patients.txt');
    await writeFile(file, 'patient,outcome\n007,1\n7,2\n010,1e3\n');
    const labelled = inputs.joinLabels<Input, { patient: string; outcome: unknown }>(file, {
      format: 'csv',
      on: 'patient',
      rowId: 'patient',
      types: { outcome: 'string' },
    });
    expect((await all(labelled)).map(({ left, label }) => [left.patient, label])).toEqual([
      ['007', { patient: '007', outcome: '1' }],
      ['010', { patient: '010', outcome: '1e3' }],
    ]);
    expect(labelled.summary.ids.labelsWithoutRow).toEqual(['7']);
    const ages = path.join(directory, 'ages.csv');
    await writeFile(ages, 'age,outcome\n41,1\n4.4e1,2\n');
    const byAge = inputs.joinLabels(ages, { on: 'age', rowId: 'age' });
    // An id stays the text that it is, although its cell looks like a number.
    expect((await all(byAge)).map(({ label }) => label)).toEqual([{ age: '41', outcome: 1 }]);
    expect(byAge.summary.ids.labelsWithoutRow).toEqual(['4.4e1']);
    const numbers = inputs.joinLabels(
      [
        { of: 41, a: 1 },
        { of: 44n, a: 2 },
      ],
      { on: 'of', rowId: 'age' },
    );
    expect((await all(numbers)).map(({ label }) => label.a)).toEqual([1, 2]);
  });

  it('takes collected labels: by the id they were given, and late ones by the call, row by row', async () => {
    const { inputs, predictions, options, calls, open } = await collectRows();
    const late = collector({
      ...options,
      designation: 'labels',
      featureNames: ['outcome'],
      clock: clockAt('2026-05-01T00:00:00Z'),
    });
    late.collect([[1], [2]], { correlations: calls[0]?.correlations });
    late.collect([[5]], { correlations: calls[2]?.correlations });
    await late.close();
    const labels = await open('labels');
    const files = await all(labels.files());
    expect(files.map(({ day }) => day)).toEqual(['2026-03-04']);
    const joined = inputs.join<Input, { score: number }>(predictions);
    const byCall = joined.joinLabels<Label>(labels, { on: 'correlationId' });
    expect((await all(byCall)).map(({ left, label }) => [left.age, label.outcome])).toEqual([
      [41, 1],
      [42, 2],
      [45, 5],
    ]);
    expect(byCall.summary).toMatchObject({ labelsUsed: 3, labelsWithoutRow: 0, rowsWithoutLabel: 2 });

    const own = collector({ ...options, designation: 'signals', featureNames: ['outcome', 'key'] });
    own.collect([[30, '043']], { correlationId: 'visit-3' });
    await own.close();
    const signals = await open('signals');
    expect((await all(joined.joinLabels<Label>(signals))).map(({ left, label }) => [left.age, label.outcome])).toEqual([
      [44, 30],
    ]);
    const byFeature = joined.joinLabels<Label>(signals, { on: 'key', rowId: 'patient', columns: ['outcome'] });
    expect(await all(byFeature)).toEqual([]);
    expect(byFeature.summary.ids.labelsWithoutRow).toEqual(['043']);
  });

  it('says what is wrong with the labels', async () => {
    const { inputs, directory } = await collectRows();
    const file = async (name: string, text: string) => {
      const place = path.join(directory, name);
      await writeFile(place, text);
      return place;
    };
    const read = async (source: LabelSource, options = {}) => all(inputs.joinLabels(source, { on: 'id', ...options }));
    await expect(read(RECORDS)).rejects.toThrow(/no column "id" in the labels, which has: visit, outcome/);
    await expect(read(RECORDS, { on: 'visit', duplicates: 'error' })).rejects.toMatchObject({
      code: 'LABEL_DUPLICATE',
    });
    await expect(read(RECORDS, { on: 'visit', rowId: 'nothing' })).rejects.toThrow(/feature "nothing".*age, patient/);
    await expect(read(path.join(directory, 'none.csv'))).rejects.toMatchObject({ code: 'LABELS_NOT_FOUND' });
    await expect(read(directory, { format: 'csv' })).rejects.toMatchObject({ code: 'LABELS_NOT_READABLE' });
    await expect(read(path.join(directory, 'labels.xlsx'))).rejects.toThrow(/ends with \.csv, \.jsonl or \.ndjson/);
    await expect(read(await file('a.csv', 'x,y\n1,2\n'))).rejects.toThrow(
      /no column "id" in .*a\.csv, which has: x, y/,
    );
    await expect(read(await file('b.csv', 'id,y,y\n'))).rejects.toMatchObject({ code: 'CSV_BAD_HEADER' });
    await expect(read(await file('c.csv', 'id,y\n1,2,3\n'))).rejects.toMatchObject({ code: 'CSV_BAD_RECORD' });
    await expect(read(await file('d.csv', 'id,y\n1,"2\n'))).rejects.toThrow(/ends inside a quoted cell/);
    await expect(read(await file('e.csv', 'id,y\n1,a\n'), { types: { y: 'number' } })).rejects.toMatchObject({
      code: 'CELL_NOT_NUMBER',
    });
    await expect(read(await file('f.jsonl', '{"id":1}\n[1]\n'))).rejects.toThrow(
      /Line 2 of .*f\.jsonl is not a JSON object/,
    );
    await expect(read([1 as unknown as Record<string, unknown>])).rejects.toThrow(/labels\[0\] must be an object/);
    expect(() => inputs.joinLabels(7 as never)).toThrow(/labels must be records/);
    expect(() => inputs.joinLabels([], { on: '' })).toThrow(/on must be the name of a column/);
    expect(() => inputs.joinLabels([], { how: 'outer' as 'left' })).toThrow(/how must be one of 'inner', 'left'/);
    expect(() => inputs.joinLabels([], { duplicates: 'all' as 'last' })).toThrow(/duplicates must be one of/);
    const abortSignal = AbortSignal.abort(new Error('enough'));
    await expect(all(inputs.joinLabels(RECORDS, { on: 'visit', abortSignal }))).rejects.toThrow('enough');
  });

  it('accounts for every row and every label', async () => {
    const { inputs } = await collectRows();
    const id = fc.constantFrom('visit-1', 'visit-2', 'visit-3', 'visit-4', '');
    await fc.assert(
      fc.asyncProperty(fc.array<string>(id), fc.constantFrom('last', 'first' as const), async (ids, duplicates) => {
        const labelled = inputs.joinLabels(
          ids.map((visit, index) => ({ visit, index })),
          { on: 'visit', duplicates },
        );
        const rows = await all(labelled);
        const { summary } = labelled;
        expect(rows).toHaveLength(summary.labelled);
        expect(summary.rows).toBe(5);
        expect(summary.labels).toBe(ids.length);
        expect(summary.labelsUsed + summary.labelsWithoutRow + summary.labelsWithoutId + summary.duplicateLabels).toBe(
          ids.length,
        );
        for (const { userCorrelationId = '', label } of rows) {
          expect(label.index).toBe(
            duplicates === 'last' ? ids.lastIndexOf(userCorrelationId) : ids.indexOf(userCorrelationId),
          );
        }
      }),
      { numRuns: 50 },
    );
  });
});
