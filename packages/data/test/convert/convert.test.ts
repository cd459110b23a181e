import { createHash } from 'node:crypto';
import { appendFileSync, readdirSync, readFileSync } from 'node:fs';
import { access, readFile } from 'node:fs/promises';
import path from 'node:path';
import { BlobServiceClient } from '@azure/storage-blob';
import { startAzurite } from '@azureml-ts/testing';
import fc from 'fast-check';
import { CollectedData, type ConversionManifest } from '../../src/index.ts';
import { openLines, record, writeLines } from '../support/json-lines.ts';
import { all, ROOT, stream, temporaryFolder, writeFiles } from '../support/stream.ts';

const RECORDINGS = path.join(import.meta.dirname, '../../../../test/golden/model-data-collector-v1');
/** Later rows have other columns than the first: bad records, which end a conversion. */
const MIXED = ['df_two_headers', 'featurename_count_mismatch'];
const PYTHON = `${ROOT}/2021/03/04/inputs.csv`;
const { workspace } = stream;

interface Recording {
  readonly blobs?: readonly { readonly path: string; readonly base64: string }[];
}

const recordings = readdirSync(RECORDINGS)
  .filter((name) => name.endsWith('.json') && !MIXED.includes(path.parse(name).name))
  .flatMap((name) => {
    const { blobs = [] } = JSON.parse(readFileSync(path.join(RECORDINGS, name), 'utf8')) as Recording;
    return blobs
      .filter((blob) => !blob.path.endsWith('aml_telemetry.csv'))
      .map(({ path: blob, base64 }) => ({
        name,
        designation: blob.split('/')[6] ?? '',
        file: path.basename(blob),
        base64,
      }));
  });

async function pythonRows(text = 'age,member\r\n41,True\r\n37,nan\r\n') {
  const directory = await temporaryFolder();
  await writeFiles(directory, { [PYTHON]: text });
  const data = await CollectedData.open({ ...stream, storage: { directory }, layout: 'python-v1' });
  return { directory, data };
}

describe('converting', () => {
  it.each(recordings)(
    'keeps the rows of the Python package: $name, $designation/$file',
    async ({ designation, file, base64 }) => {
      const [from, target] = [await temporaryFolder(), await temporaryFolder()];
      await writeFiles(from, {
        [`sub/rg/ws/svc/best_model/1/${designation}/2024/03/07/${file}`]: Buffer.from(base64, 'base64'),
      });
      const data = await CollectedData.open({ ...stream, designation, storage: { directory: from } });
      const { manifest } = await data.convert({ to: 'documented', target });
      const before = await all(data.rows());
      const converted = await CollectedData.open({ ...manifest.stream, storage: { directory: target } });
      const after = await all(converted.rows());
      expect(manifest.rows).toBe(before.length);
      if (manifest.losses.length === 0) {
        expect(after).toEqual(before.map((row) => withoutColumns(row, manifest.droppedColumns)));
      }
      expect(after).toHaveLength(before.length);
    },
  );

  it.each(recordings)(
    'keeps the rows of the Python package in JSON Lines: $name, $designation/$file',
    async ({ designation, file, base64 }) => {
      const [from, target] = [await temporaryFolder(), await temporaryFolder()];
      await writeFiles(from, {
        [`sub/rg/ws/svc/best_model/1/${designation}/2024/03/07/${file}`]: Buffer.from(base64, 'base64'),
      });
      const data = await CollectedData.open({ ...stream, designation, storage: { directory: from } });
      const { manifest } = await data.convert({ to: 'json-lines', target });
      const { folder } = manifest;
      const converted = await CollectedData.open({
        layout: 'json-lines',
        storage: { directory: target },
        path: folder,
      });
      const after = await all(converted.rows());
      const finite = (value: unknown) => (typeof value === 'number' && !Number.isFinite(value) ? null : value);
      const before = (await all(data.rows())).map((row) =>
        Object.fromEntries(
          Object.entries(withoutColumns(row, manifest.droppedColumns)).map(([name, value]) => [name, finite(value)]),
        ),
      );
      expect(after).toEqual(before);
      expect(manifest.rows).toBe(before.length);
    },
  );

  it('was tried with recordings', () => {
    expect(recordings.length).toBeGreaterThan(20);
  });

  it('keeps the values of any JSON Lines, but for the losses that it tells of', async () => {
    const cell = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.double(),
      fc.boolean(),
      fc.constantFrom(null, '5', '', -0, 'a\ud800'),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.record({ a: cell, 'b,"': cell }), { minLength: 1, maxLength: 4 }), {
          minLength: 1,
          maxLength: 4,
        }),
        async (records) => {
          const [from, target] = [await temporaryFolder(), await temporaryFolder()];
          const lines = records.map((rows) => `${record(JSON.stringify(rows))}\n`);
          const folder = 'modelDataCollector/ep/blue/model_inputs/2026/03/04';
          await writeLines(from, {
            [`${folder}/05/one.jsonl`]: lines.slice(0, 2).join(''),
            [`${folder}/06/one.jsonl`]: lines.slice(2).join(''),
          });
          const data = await openLines(from);
          const { manifest } = await data.convert({ to: 'documented', target, stream: { workspace } });
          const converted = await CollectedData.open({
            ...manifest.stream,
            storage: { directory: target },
            layout: 'documented',
          });
          // Told by itself: a loss must not hide a text that was written wrong.
          const text = (value: unknown) =>
            // JSON has no NaN and no infinity: they are null there.
            value === null || (typeof value === 'number' && !Number.isFinite(value))
              ? ''
              : Buffer.from(String(value)).toString();
          const found = await all(converted.rows({ types: 'strings' }));
          expect(found.map((row) => [row['a'], row['b,"']])).toEqual(
            records.flat().map((row) => [text(row.a), text(row['b,"'])]),
          );
          const lossy = manifest.losses.map(({ column }) => column);
          const keep = (row: object) => withoutColumns(row, lossy);
          expect((await all(converted.rows())).map(keep)).toEqual((await all(data.rows())).map(keep));
        },
      ),
      { numRuns: 40 },
    );
  });

  it('tells by column what is lost', async () => {
    const [from, target] = [await temporaryFolder(), await temporaryFolder()];
    await writeLines(from, {
      'modelDataCollector/ep/blue/model_inputs/2026/03/04/05/one.jsonl': `${record('[{"a":"","b":"5","c":1},{"a":null,"b":"x","c":2}]')}\n`,
    });
    const data = await openLines(from);
    const { manifest } = await data.convert({ to: 'documented', target, stream: { workspace } });
    expect(manifest.losses).toEqual([
      { column: 'a', emptyTexts: 1, otherValues: 0, brokenTexts: 0 },
      { column: 'b', emptyTexts: 0, otherValues: 1, brokenTexts: 0 },
    ]);
  });

  it('writes a manifest with the files that it read and wrote', async () => {
    const { data, directory } = await pythonRows();
    const target = await temporaryFolder();
    const { manifest, manifestPath } = await data.convert({ to: 'documented', target });
    const stored = JSON.parse(await readFile(path.join(target, manifestPath), 'utf8')) as ConversionManifest;
    expect(stored).toEqual(manifest);
    expect(stored).toMatchObject({
      layout: { from: ['python-v1'], to: 'documented' },
      rows: 2,
      folder: `modeldata/${ROOT}`,
      types: 'infer',
      sources: [{ path: PYTHON, rows: 2 }],
      files: [{ path: `modeldata/${ROOT}/2021/03/04/data.csv`, rows: 2, sources: [PYTHON] }],
      losses: [],
    });
    // What an auditor needs: both sides, by their bytes.
    const bytesOf = async (...parts: readonly string[]) => {
      const bytes = await readFile(path.join(...parts));
      return { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
    };
    expect(stored.sources[0]).toMatchObject(await bytesOf(directory, 'modeldata', PYTHON));
    expect(stored.files[0]).toMatchObject(await bytesOf(target, stored.files[0]?.path ?? ''));
    expect(stored.columns.slice(0, 2)).toEqual([
      { name: 'age', types: ['number'], nulls: 0 },
      { name: 'member', types: ['boolean', 'number'], nulls: 0 },
    ]);
  });

  it('refuses a target that holds such files, the place of the rows, and rows of the layout itself', async () => {
    const { data, directory } = await pythonRows();
    const target = await temporaryFolder();
    await data.convert({ to: 'documented', target });
    await expect(data.convert({ to: 'documented', target })).rejects.toMatchObject({
      code: 'CONVERSION_TARGET_EXISTS',
    });
    const elsewhere = { modelName: 'other' };
    await expect(data.convert({ to: 'documented', target: directory, stream: elsewhere })).rejects.toThrow(
      'is where the rows are read from',
    );
    const converted = await CollectedData.open({ ...stream, storage: { directory: target } });
    await expect(converted.convert({ to: 'documented', target: await temporaryFolder() })).rejects.toMatchObject({
      code: 'VALIDATION',
    });
  });

  it('finds a row that was put into the target, and leaves no manifest', async () => {
    const { data } = await pythonRows();
    const target = await temporaryFolder();
    const file = path.join(target, 'modeldata', ROOT, '2021/03/04/data.csv');
    const converting = data.convert({
      to: 'documented',
      target,
      onProgress: () => appendFileSync(file, '1,true,,,,\n'),
    });
    await expect(converting).rejects.toMatchObject({
      code: 'CONVERSION_DIFFERS',
      message: expect.stringContaining('The first difference is row 3'),
    });
    await expect(access(path.join(target, 'modeldata', ROOT, '_conversion.json'))).rejects.toThrow('ENOENT');
  });

  it('sums up the bytes that were read of a large blob, which comes in several ranges', async () => {
    const azurite = await startAzurite();
    try {
      const { connectionString } = azurite;
      const text = `age\r\n${`${'wide '.repeat(2_000)}\r\n`.repeat(1_000)}`;
      const container = BlobServiceClient.fromConnectionString(connectionString).getContainerClient('modeldata');
      await container.create();
      await container.getBlockBlobClient(PYTHON).upload(text, text.length);
      const data = await CollectedData.open({ ...stream, storage: { connectionString }, layout: 'python-v1' });
      const { manifest } = await data.convert({ to: 'documented', target: await temporaryFolder() });
      expect(manifest.sources).toMatchObject([
        { bytes: text.length, sha256: createHash('sha256').update(text).digest('hex'), rows: 1_000 },
      ]);
    } finally {
      await azurite.close();
    }
  });

  it('writes to a container; a folder in it only takes JSON Lines, which are read by their path', async () => {
    const azurite = await startAzurite();
    try {
      const { connectionString } = azurite;
      const { data } = await pythonRows();
      const prefixed = { connectionString, container: 'modeldata', prefix: 'old' };
      await expect(data.convert({ to: 'documented', target: prefixed })).rejects.toMatchObject({ code: 'VALIDATION' });
      const { manifest } = await data.convert({
        to: 'documented',
        target: { connectionString, container: 'modeldata' },
      });
      expect(manifest.files).toMatchObject([{ path: `${ROOT}/2021/03/04/data.csv`, rows: 2 }]);
      const converted = await CollectedData.open({ ...stream, storage: { connectionString } });
      expect(await all(converted.rows())).toHaveLength(2);

      const lines = await converted.convert({ to: 'json-lines', target: prefixed });
      expect(lines.manifest.folder).toBe('old/modelDataCollector/svc/best_model/inputs');
      expect(lines.manifest.files[0]?.path).toMatch(/^modelDataCollector\/svc\/best_model\/inputs\/2021\/03\/04\/00\//);
      await expect(converted.convert({ to: 'json-lines', target: prefixed })).rejects.toMatchObject({
        code: 'CONVERSION_TARGET_EXISTS',
      });
      const { folder } = lines.manifest;
      const storage = { connectionString, container: 'modeldata' };
      const read = await CollectedData.open({ layout: 'json-lines', storage, path: folder });
      expect((await all(read.files())).map((file) => file.path)).toEqual([`old/${lines.manifest.files[0]?.path}`]);
      // The one that is not a number is null in JSON, and counted.
      expect(lines.manifest.losses).toEqual([{ column: 'member', emptyTexts: 0, otherValues: 1, brokenTexts: 0 }]);
      expect((await all(read.rows())).map(({ age, member }) => [age, member])).toEqual([
        [41, true],
        [37, null],
      ]);
    } finally {
      await azurite.close();
    }
  });

  it('puts the files of a day together while they have the same columns, in order', async () => {
    const directory = await temporaryFolder();
    const hour = (number: string) => `${ROOT}/2021/03/04/${number}/inputs.csv`;
    await writeFiles(directory, {
      [hour('05')]: 'b,2\r\n1,x\n',
      [hour('06')]: 'b,2\r\n2,x\n',
      [hour('07')]: '2,b\r\ny,3\n',
      [hour('08')]: 'b,2\r\n4,x\n',
      [hour('08').replace('/04/', '/05/')]: 'b,2\r\n5,x\n',
    });
    const data = await CollectedData.open({ ...stream, storage: { directory }, layout: 'python-v1' });
    const target = await temporaryFolder();
    const told: (readonly [path: string, rows: number])[] = [];
    const { manifest } = await data.convert({
      to: 'documented',
      target,
      onProgress: ({ path: file, rows }) => told.push([file, rows]),
    });
    const day = `modeldata/${ROOT}/2021/03/04`;
    expect(manifest.files.map(({ path: file, rows, sources }) => [file, rows, sources])).toEqual([
      [`${day}/data.csv`, 2, [hour('05'), hour('06')]],
      [`${day}/data-2.csv`, 1, [hour('07')]],
      [`${day}/data-3.csv`, 1, [hour('08')]],
      [`${day.replace('/04', '/05')}/data.csv`, 1, [hour('08').replace('/04/', '/05/')]],
    ]);
    expect(told.map(([, rows]) => rows)).toEqual([2, 2, 3, 4, 5]);
    // Each part has its own header, and every reader of rows copes with it.
    const text = await readFile(path.join(target, day, 'data-2.csv'), 'utf8');
    expect(text.split('\n')[0]).toBe(
      '2,b,$aml_dc_correlation_id,$aml_dc_user_correlation_id,$aml_dc_scoring_timestamp,$aml_request_id',
    );
    const converted = await CollectedData.open({ ...stream, storage: { directory: target } });
    const rows = await all(converted.rows());
    expect(rows.map(({ b, 2: two }) => [b, two])).toEqual([
      [1, 'x'],
      [2, 'x'],
      [3, 'y'],
      [4, 'x'],
      [5, 'x'],
    ]);
    const batches = await all(converted.batches({ onSchemaChange: 'merge' }));
    expect(batches.reduce((sum, { rowCount }) => sum + rowCount, 0)).toBe(5);
  });

  it('begins another part where a record of JSON Lines has a new column', async () => {
    const [from, target] = [await temporaryFolder(), await temporaryFolder()];
    const folder = 'modelDataCollector/ep/blue/model_inputs/2026/03/04';
    await writeLines(from, {
      [`${folder}/05/a.jsonl`]: `${record('[{"10":1,"9":2}]')}\n${record('[{"10":3,"1":true,"9":4}]')}\n`,
      [`${folder}/06/a.jsonl`]: `${record('[{"10":5,"9":6,"1":false}]')}\n`,
    });
    const data = await openLines(from);
    const { manifest } = await data.convert({ to: 'documented', target, stream: { workspace } });
    const texts = await Promise.all(manifest.files.map((file) => readFile(path.join(target, file.path), 'utf8')));
    const cells = texts.map((text) =>
      text
        .trim()
        .split('\n')
        .map((line) => line.split(',').slice(0, -4)),
    );
    expect(cells).toEqual([
      [
        ['10', '9'],
        ['1', '2'],
      ],
      [
        ['10', '9', '1'],
        ['3', '4', 'true'],
        ['5', '6', 'false'],
      ],
    ]);
    const converted = await CollectedData.open({ ...manifest.stream, storage: { directory: target } });
    expect(await all(converted.rows())).toEqual(await all(data.rows()));
  });

  it('takes files of the Python package to begin with a header, or not, as it is told', async () => {
    const { data } = await pythonRows('5,6\r\n7,8\r\n');
    const rowsOf = async (header?: boolean) => {
      const { manifest } = await data.convert({ to: 'documented', target: await temporaryFolder(), header });
      return [manifest.rows, manifest.columns[0]?.name];
    };
    expect(await rowsOf()).toEqual([2, 'column_1']);
    expect(await rowsOf(true)).toEqual([1, '5']);
  });

  it('takes only the days that are asked for', async () => {
    const { data, directory } = await pythonRows();
    await writeFiles(directory, { [PYTHON.replace('/04/', '/05/')]: 'age\r\n1\r\n' });
    const target = await temporaryFolder();
    const { manifest } = await data.convert({ to: 'documented', target, until: '2021-03-04' });
    expect(manifest.rows).toBe(2);
  });
});

function withoutColumns(row: object, names: readonly string[]): object {
  return Object.fromEntries(Object.entries(row).filter(([name]) => !names.includes(name)));
}
