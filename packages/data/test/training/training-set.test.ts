import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { parquetReadObjects } from 'hyparquet';
import { CollectedData, type TrainingManifest } from '../../src/index.ts';
import { CellColumn, cellText } from '../../src/training/cell-column.ts';
import { encodeCsv } from '../../src/training/encode-rows.ts';
import { Split } from '../../src/training/split.ts';
import { clockAt, collector, stream, temporaryFolder } from '../support/stream.ts';

const sha256 = (bytes: string | Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** Collects some calls of two rows each, with predictions and labels; the writer's name is another in each run. */
async function collectRows(count = 40) {
  const directory = await temporaryFolder();
  const options = { storage: { directory }, clock: clockAt('2026-03-04T05:06:07.890Z') };
  const inputs = collector({ ...options, featureNames: ['age', 'bmi', 'city', 'smokes'] });
  const predictions = collector({ ...options, designation: 'predictions', featureNames: ['score'] });
  const labels: { visit: string; outcome: number }[] = [];
  for (let index = 0; index < count; index += 1) {
    const rows = [0, 1].map((row) => [40 + index, index + row / 2, row === 0 ? 'Ulm' : 'a,"b"\r\nc', index % 2 === 0]);
    const { correlations } = inputs.collect(rows, { correlationId: [`v-${index}a`, `v-${index}b`] });
    predictions.collect([[index / 10], [index / 5]], { correlations });
    labels.push({ visit: `v-${index}a`, outcome: index }, { visit: `v-${index}b`, outcome: index + 0.5 });
  }
  await Promise.all([inputs.close(), predictions.close()]);
  const open = (designation: string) => CollectedData.open({ ...stream, designation, storage: { directory } });
  return { labels, inputs: await open('inputs'), predictions: await open('predictions'), directory };
}

const read = async (folder: string, file: string) => readFile(path.join(folder, file), 'utf8');

describe('trainingSet()', () => {
  it('writes rows as CSV, and a manifest that says what they were made of', async () => {
    const { inputs, predictions, labels, directory } = await collectRows(2);
    const folder = path.join(await temporaryFolder(), 'set');
    const labelFile = path.join(directory, 'labels.csv');
    await writeFile(
      labelFile,
      `visit,outcome\n${labels
        .slice(1)
        .map(({ visit, outcome }) => `${visit},${outcome}\n`)
        .join('')}late,1\n`,
    );
    const rows = inputs.join(predictions, { orderBy: 'time' }).joinLabels(labelFile, { on: 'visit' });
    const set = await rows.trainingSet(folder, { labelColumn: 'target' });
    const text = await read(folder, 'data.csv');
    expect(text).toBe(
      'age,bmi,city,smokes,score,target\n' +
        '40,0.5,"a,""b""\r\nc",true,0.0,0.5\n' +
        '41,1.0,Ulm,false,0.1,1.0\n' +
        '41,1.5,"a,""b""\r\nc",false,0.2,1.5\n',
    );
    const manifest = JSON.parse(await read(folder, 'manifest.json')) as TrainingManifest;
    expect(manifest).toEqual(set.manifest);
    const { version } = JSON.parse(await readFile(path.join(__dirname, '../../package.json'), 'utf8'));
    const [input, prediction, label] = manifest.sources;
    expect(manifest).toEqual({
      format: 'azureml-ts-training-set',
      formatVersion: 1,
      library: { name: '@azureml-ts/data', version },
      createdAt: expect.stringMatching(/^\d{4}-.*Z$/),
      sources: [input, prediction, label],
      join: {
        how: 'inner',
        orderBy: 'time',
        labelsOn: 'visit',
        labelsRowId: null,
        labelsHow: 'inner',
        labelDuplicates: 'last',
      },
      rows: {
        written: 3,
        read: { left: 4, right: 4, labels: 4 },
        dropped: {
          leftOnly: 0,
          rightOnly: 0,
          duplicateRows: 0,
          rowsWithoutLabel: 1,
          labelsWithoutRow: 1,
          labelsWithoutId: 0,
          duplicateLabels: 0,
        },
        firstScoredAt: '2026-03-04T05:06:07.890Z',
        lastScoredAt: '2026-03-04T05:06:07.890Z',
      },
      schema: [
        { name: 'age', type: 'float64', from: 'left', sourceName: 'age' },
        { name: 'bmi', type: 'float64', from: 'left', sourceName: 'bmi' },
        { name: 'city', type: 'string', from: 'left', sourceName: 'city' },
        { name: 'smokes', type: 'boolean', from: 'left', sourceName: 'smokes' },
        { name: 'score', type: 'float64', from: 'right', sourceName: 'score' },
        { name: 'target', type: 'float64', from: 'label', sourceName: 'outcome' },
      ],
      split: null,
      files: [{ path: 'data.csv', part: 'data', rows: 3, bytes: Buffer.byteLength(text), sha256: sha256(text) }],
      options: { format: 'csv', columns: null, labelColumn: 'target', callColumns: false },
    });
    const stored = path.join(directory, 'modeldata', input?.files[0]?.path ?? '');
    const storedText = await readFile(stored);
    expect(input).toMatchObject({
      role: 'left',
      stream: { modelName: 'best_model', designation: 'inputs' },
      from: null,
      files: [{ bytes: storedText.length, sha256: sha256(storedText) }],
      records: null,
    });
    expect(prediction).toMatchObject({ role: 'right', files: [{ sha256: expect.stringMatching(/^[0-9a-f]{64}$/) }] });
    expect(label).toMatchObject({
      role: 'labels',
      place: null,
      files: [{ path: labelFile, sha256: sha256(await readFile(labelFile)) }],
    });
    expect(JSON.stringify(manifest)).not.toContain('AccountKey');
  });

  it('is the same bytes for the same rows, whatever the order they are stored in', async () => {
    const { inputs, predictions, labels } = await collectRows();
    const folders = [await temporaryFolder(), await temporaryFolder()];
    const manifests: TrainingManifest[] = [];
    for (const folder of folders) {
      const rows = inputs.join(predictions, { orderBy: 'time' }).joinLabels(labels, { on: 'visit' });
      manifests.push((await rows.trainingSet(folder, { split: { train: 0.8, test: 0.2 } })).manifest);
    }
    const [first, second] = manifests;
    expect({ ...first, createdAt: '' }).toEqual({ ...second, createdAt: '' });
    for (const file of ['train.csv', 'test.csv']) {
      expect(await read(folders[0] ?? '', file)).toBe(await read(folders[1] ?? '', file));
    }
    expect(first?.sources.at(-1)).toMatchObject({ role: 'labels', files: [], records: 80 });
    expect(first?.files.map(({ part, rows }) => [part, rows % 2])).toEqual([
      ['train', 0],
      ['test', 0],
    ]);
    expect(first?.files.reduce((sum, { rows }) => sum + rows, 0)).toBe(80);
    expect(first?.split).toEqual({ by: 'correlationId', parts: { train: 0.8, test: 0.2 } });
  });

  it('writes the same values as Parquet', async () => {
    const { inputs, predictions, labels } = await collectRows();
    const folder = await temporaryFolder();
    const rows = inputs.join(predictions, { orderBy: 'time' }).joinLabels(labels, { on: 'visit' });
    const options = { callColumns: true, labelColumn: 'target' } as const;
    await rows.trainingSet(path.join(folder, 'csv'), options);
    const { manifest } = await rows.trainingSet(path.join(folder, 'parquet'), { ...options, format: 'parquet' });
    const bytes = await readFile(path.join(folder, 'parquet', 'data.parquet'));
    expect(manifest.files[0]?.sha256).toBe(sha256(bytes));
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
    const objects = await parquetReadObjects({ file, compressors: { ZSTD: (input) => zstdDecompressSync(input) } });
    const table = parse(await read(path.join(folder, 'csv'), 'data.csv'), { columns: true }) as Record<
      string,
      string
    >[];
    expect(objects).toHaveLength(80);
    expect(objects).toEqual(
      table.map((row) =>
        Object.fromEntries(
          manifest.schema.map(({ name, type }) => {
            const text = row[name] ?? '';
            const value = type === 'float64' ? Number(text) : type === 'boolean' ? text === 'true' : text;
            return [name, text === '' ? null : value];
          }),
        ),
      ),
    );
  });

  it('writes the columns that are named, under the names that are wished for', async () => {
    const { inputs, predictions } = await collectRows(1);
    const folder = await temporaryFolder();
    const columns = ['score', { from: 'left', name: 'age', as: 'years' }, 'userCorrelationId'] as const;
    await inputs.join(predictions).trainingSet(folder, { columns });
    expect(await read(folder, 'data.csv')).toBe('score,years,userCorrelationId\n0,40,v-0a\n0,40,v-0b\n');
    const single = await temporaryFolder();
    await inputs.trainingSet(single, { left: { columns: ['city'] }, callColumns: true, columns: undefined });
    expect((await read(single, 'data.csv')).split('\n')[0]).toBe(
      'correlationId,position,userCorrelationId,scoringTimestamp,requestId,modelVersion,city',
    );
    const twice = inputs.join(inputs);
    await expect(twice.trainingSet(folder, { overwrite: true })).rejects.toThrow(
      /Two columns would be called "age" \(left and right\)/,
    );
    await expect(twice.trainingSet(folder, { columns: ['weight'] })).rejects.toThrow(/no column "weight".*age, bmi/);
    await expect(twice.trainingSet(folder, { labelColumn: 'y' })).rejects.toMatchObject({
      code: 'TRAINING_SET_COLUMN',
    });
  });

  it('leaves what is there alone, unless it may be replaced', async () => {
    const { inputs } = await collectRows(1);
    const folder = await temporaryFolder();
    const first = await inputs.trainingSet(folder, { left: { columns: ['age'] } });
    await expect(inputs.trainingSet(folder)).rejects.toMatchObject({ code: 'FILE_EXISTS' });
    expect(sha256(await read(folder, 'data.csv'))).toBe(first.manifest.files[0]?.sha256);
    const second = await inputs.trainingSet(folder, { overwrite: true });
    expect(second.manifest.files[0]?.sha256).not.toBe(first.manifest.files[0]?.sha256);
    expect(sha256(await read(folder, 'data.csv'))).toBe(second.manifest.files[0]?.sha256);
  });

  it('is there whole or not at all', async () => {
    const { inputs } = await collectRows(20);
    const folder = await temporaryFolder();
    // The second part cannot be written: a file is in the way.
    await writeFile(path.join(folder, 'test.csv'), 'mine');
    await expect(inputs.trainingSet(folder, { split: { train: 0.5, test: 0.5 } })).rejects.toMatchObject({
      code: 'FILE_EXISTS',
    });
    expect(await readdir(folder)).toEqual(['test.csv']);
    expect(await read(folder, 'test.csv')).toBe('mine');
    const abort = new AbortController();
    const rows = inputs.joinLabels(
      (function* () {
        yield { id: 'v-0a' };
        abort.abort(new Error('enough'));
        yield { id: 'v-0b' };
      })(),
      { on: 'id', how: 'left' },
    );
    await expect(rows.trainingSet(path.join(folder, 'b'), { abortSignal: abort.signal })).rejects.toThrow('enough');
    expect(await readdir(folder)).toEqual(['test.csv']);
  });

  it('is none any longer, once a part of it was replaced and another could not be', async () => {
    const { inputs } = await collectRows(20);
    const folder = await temporaryFolder();
    await inputs.trainingSet(folder);
    await mkdir(path.join(folder, 'test.csv', 'in-the-way'), { recursive: true });
    const split = { data: 0.5, test: 0.5 };
    await expect(inputs.trainingSet(folder, { split, overwrite: true })).rejects.toMatchObject({
      code: 'STORAGE_WRITE_FAILED',
    });
    expect(await readdir(folder)).toEqual(['test.csv']);
  });

  it('says why there are no rows', async () => {
    const { inputs } = await collectRows(1);
    const rows = inputs.joinLabels([{ id: 'other' }], { on: 'id' });
    await expect(rows.trainingSet(await temporaryFolder())).rejects.toThrow(
      /no rows to write\. Read: 2 left, 1 labels; left out: 2 rowsWithoutLabel, 1 labelsWithoutRow/,
    );
    await expect(rows.trainingSet(await temporaryFolder())).rejects.toMatchObject({ code: 'TRAINING_SET_EMPTY' });
  });

  it('checks its options before it reads anything', async () => {
    const { inputs } = await collectRows(1);
    const refuse = async (options: object, message: RegExp) =>
      expect(inputs.trainingSet('/nowhere', options)).rejects.toThrow(message);
    await refuse({ format: 'xml' }, /format must be one of 'csv', 'parquet'/);
    await refuse({ split: { a: 0.5 } }, /split must be an object of part names and shares above 0 that add up to 1/);
    await refuse({ split: { '1': 1 } }, /split\.1 must be a name of a letter/);
    await refuse({ split: { manifest: 1 } }, /not manifest/);
    await refuse({ splitBy: 'x' }, /splitBy must be one of/);
    await refuse({ columns: [] }, /columns must be names/);
    await refuse({ columns: ['a'], callColumns: true }, /callColumns must be left out/);
    await refuse({ labelColumn: '' }, /labelColumn must be a name/);
  });

  it('has room for more rows than memory holds', async () => {
    const { inputs } = await collectRows(1);
    const folder = await temporaryFolder();
    const directory = await temporaryFolder();
    const many = collector({ storage: { directory }, featureNames: ['n'], clock: clockAt('2026-03-04T00:00:00Z') });
    const count = 10_000;
    for (let index = 0; index < count; index += 100) {
      many.collect(Array.from({ length: 100 }, (_, row) => [index + row]));
    }
    await many.close();
    const data = await CollectedData.open({ ...stream, storage: { directory } });
    const { manifest } = await data.trainingSet(folder);
    expect(manifest.rows.written).toBe(count);
    const values = (await read(folder, 'data.csv')).trimEnd().split('\n').slice(1).map(Number);
    expect(values).toEqual(Array.from({ length: count }, (_, index) => index));
    expect(inputs.stream.designation).toBe('inputs');
  });
});

describe('a split', () => {
  const row = (correlationId: string, userCorrelationId?: string) => ({
    correlationId,
    userCorrelationId,
    position: 0,
    scoringTimestamp: '',
    requestId: undefined,
    modelVersion: '1',
    left: {},
    right: null,
  });

  it('gives each id a part that stays, in about the shares that were asked for', () => {
    const split = new Split({ split: { train: 0.8, test: 0.2 } });
    const parts = Array.from({ length: 5000 }, (_, index) => split.partOf(row(`w-${index + 1}`)));
    const share = parts.filter((part) => part === 'train').length / parts.length;
    expect(share).toBeGreaterThan(0.78);
    expect(share).toBeLessThan(0.82);
    // Written down: an id keeps its part for good.
    expect(['w-1', 'w-2', 'w-3', 'w-4', 'w-5', 'w-6'].map((id) => split.partOf(row(id)))).toEqual(
      ['w-1', 'w-2', 'w-3', 'w-4', 'w-5', 'w-6'].map((id) =>
        createHash('sha256').update(id).digest().readUIntBE(0, 6) / 2 ** 48 < 0.8 ? 'train' : 'test',
      ),
    );
  });

  it('keeps rows of one id together, of the call or of the user', () => {
    const byUser = new Split({ split: { a: 0.5, b: 0.5 }, splitBy: 'userCorrelationId' });
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.string(), fc.string(), (user, one, other) => {
        expect(byUser.partOf(row(one, user))).toBe(byUser.partOf(row(other, user)));
        expect(byUser.partOf(row(user))).toBe(byUser.partOf(row(other, user)));
      }),
    );
  });
});

describe('the type of a column', () => {
  const typeOf = (values: readonly unknown[]) => {
    const column = new CellColumn();
    const cells = values.map((value) => column.add(value));
    return [column.type, ...cells.map(cellText)];
  };

  it('is that of all its values, or text', () => {
    expect(typeOf([1, null, 2.5])).toEqual(['float64', '1', null, '2.5']);
    expect(typeOf([true, undefined])).toEqual(['boolean', 'true', null]);
    expect(typeOf([1n, -(2n ** 63n)])).toEqual(['int64', '1', '-9223372036854775808']);
    expect(typeOf([2n ** 63n])).toEqual(['string', '9223372036854775808']);
    expect(typeOf([new Date(0), new Date(Number.NaN)])).toEqual(['timestamp', '1970-01-01T00:00:00.000Z', null]);
    expect(typeOf([1, 'a', -0])).toEqual(['string', '1', 'a', '-0.0']);
    expect(typeOf([{ a: [1] }, () => 1])).toEqual(['string', '{"a":[1]}', null]);
    expect(typeOf([null])).toEqual(['string', null]);
  });

  it('keeps every number and text in CSV', async () => {
    const cell = fc.oneof(fc.double(), fc.constant(null), fc.constant(-0));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(cell, fc.string({ unit: 'binary' }))), async (rows) => {
        const [numbers, texts] = [new CellColumn(), new CellColumn()];
        const cells = rows.map(([number, text]) => [numbers.add(number), texts.add(text)]);
        const columns = [numbers, texts].map((column, index) => ({
          name: `c${index}`,
          type: column.type,
          from: 'left' as const,
          sourceName: '',
          index,
          isWhole: column.isWhole,
        }));
        async function* blocks() {
          yield cells;
        }
        let text = '';
        for await (const piece of encodeCsv(blocks(), columns)) {
          text += Buffer.from(piece).toString();
        }
        const parsed = parse(text, { from: 2, record_delimiter: '\n' }) as string[][];
        expect(parsed).toHaveLength(rows.length);
        for (const [index, [number, string]] of rows.entries()) {
          const [a = '', b] = parsed[index] ?? [];
          expect(a === '' ? null : Number(a)).toEqual(number);
          expect(b).toBe(string);
        }
      }),
    );
  });
});
