import { createHash } from 'node:crypto';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { CollectedData, type ExportManifest, type ExportOptions } from '../../src/index.ts';
import { call, clockAt, collector, HEADER, ROOT, stream, temporaryFolder, writeFiles } from '../support/stream.ts';

/** Header with some features. */
function header(...names: string[]): string {
  return HEADER.replace('x', names.join(','));
}

/** A file with rows of some features. */
function file(names: string[], rows: string[], day = '2026-03-04'): string {
  return header(...names) + rows.map((row, at) => `${row},${call(`w-${at + 1}`, `${day}T00:00:00.000Z`)}\n`).join('');
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .sort();
}

async function readParquet(name: string): Promise<Record<string, unknown>[]> {
  const bytes = await readFile(name);
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
  return parquetReadObjects({ file: buffer, compressors: { ZSTD: (input) => zstdDecompressSync(input) } });
}

async function readManifest(folder: string): Promise<ExportManifest> {
  return JSON.parse(await readFile(path.join(folder, '_manifest.json'), 'utf8'));
}

/** A stream with two days, and a folder to export to. */
async function prepared(files: Record<string, string>, range = {}) {
  const directory = await temporaryFolder();
  await writeFiles(
    directory,
    Object.fromEntries(Object.entries(files).map(([name, content]) => [`${ROOT}/${name}`, content])),
  );
  const target = path.join(await temporaryFolder(), 'export');
  const data = await CollectedData.open({ ...stream, storage: { directory }, ...range });
  return { directory, target, data };
}

const TWO_DAYS = {
  '2026/03/04/data.csv': file(['n', 's'], ['1,a', '2,b']),
  '2026/03/05/data.csv': file(['n', 's'], ['3,"c, ""d"""'], '2026-03-05'),
};
const FIRST = 'year=2026/month=03/day=04/part-0.parquet';
const SECOND = 'year=2026/month=03/day=05/part-0.parquet';

describe('toParquet()', () => {
  it('writes a file a day, typed, with the columns of the call', async () => {
    const { data, target } = await prepared(TWO_DAYS);
    const result = await data.toParquet(target);
    expect(await filesBelow(target)).toEqual(['_manifest.json', FIRST, SECOND]);
    expect(await readParquet(path.join(target, SECOND))).toEqual([
      {
        n: 3n,
        s: 'c, "d"',
        $aml_dc_correlation_id: 'w-1',
        $aml_dc_user_correlation_id: null,
        $aml_dc_scoring_timestamp: new Date('2026-03-05T00:00:00.000Z'),
        $aml_request_id: null,
      },
    ]);
    expect(result).toMatchObject({ written: 2, kept: 0, widened: [], manifest: { rows: 3, isComplete: true } });
  });

  it('says in its manifest what every file is, and of what', async () => {
    const { data, directory, target } = await prepared(TWO_DAYS);
    await data.toParquet(target);
    const manifest = await readManifest(target);
    expect(manifest).toMatchObject({
      format: 'azureml-ts-export',
      formatVersion: 1,
      isComplete: true,
      place: `directory ${directory}`,
      stream: { webserviceName: 'svc', modelVersion: '1', designation: 'inputs' },
      settings: { format: 'parquet', partition: 'day', compression: 'zstd' },
      rows: 3,
    });
    expect(manifest.schema.slice(0, 2)).toEqual([
      { name: 'n', type: 'int64' },
      { name: 's', type: 'string' },
    ]);
    const [partition] = manifest.partitions;
    const bytes = await readFile(path.join(target, FIRST));
    expect(partition).toMatchObject({
      path: 'year=2026/month=03/day=04',
      firstDay: '2026-03-04',
      lastDay: '2026-03-04',
      sources: [{ path: `${ROOT}/2026/03/04/data.csv`, bytes: TWO_DAYS['2026/03/04/data.csv'].length }],
      files: [{ path: FIRST, rows: 2, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }],
    });
    const about = parquetMetadata(
      bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer,
    ).key_value_metadata?.find(({ key }) => key === 'azureml-ts')?.value;
    expect(JSON.parse(about ?? '')).toMatchObject({ firstDay: '2026-03-04', stream: { modelName: 'best_model' } });
  });

  it('partitions by month or not at all', async () => {
    const { data, target } = await prepared({ ...TWO_DAYS, '2026/04/01/data.csv': file(['n', 's'], ['4,e']) });
    await data.toParquet(path.join(target, 'm'), { partition: 'month' });
    await data.toParquet(path.join(target, 'n'), { partition: 'none' });
    expect(await filesBelow(target)).toEqual([
      'm/_manifest.json',
      'm/year=2026/month=03/part-0.parquet',
      'm/year=2026/month=04/part-0.parquet',
      'n/_manifest.json',
      'n/part-0.parquet',
    ]);
    expect((await readParquet(path.join(target, 'n/part-0.parquet'))).map(({ n }) => n)).toEqual([1n, 2n, 3n, 4n]);
  });

  it('gives each version of the model folders of its own when several are opened', async () => {
    const directory = await temporaryFolder();
    for (const version of ['1', '2']) {
      const root = ROOT.replace('/1/', `/${version}/`);
      await writeFiles(directory, { [`${root}/2026/03/04/data.csv`]: file(['n'], [version]) });
    }
    const target = await temporaryFolder();
    const data = await CollectedData.open({ ...stream, storage: { directory }, modelVersion: 'all' });
    await data.toParquet(target, { partition: 'month' });
    expect(await filesBelow(target)).toEqual([
      '_manifest.json',
      'model_version=1/year=2026/month=03/part-0.parquet',
      'model_version=2/year=2026/month=03/part-0.parquet',
    ]);
  });

  it('has one schema for all days: columns of every day, with types that hold for all', async () => {
    const { data, target } = await prepared({
      '2026/03/04/data.csv': file(['n', 'old'], ['1,true']),
      '2026/03/05/data.csv': file(['n', 'new'], ['1.5,x']),
    });
    await data.toParquet(target);
    const [first, second] = [await readParquet(path.join(target, FIRST)), await readParquet(path.join(target, SECOND))];
    expect(first[0]).toMatchObject({ n: 1, old: true, new: null });
    expect(second[0]).toMatchObject({ n: 1.5, old: null, new: 'x' });
    expect(Object.keys(first[0] ?? {})).toEqual(Object.keys(second[0] ?? {}));
  });

  it('begins again with a wider type when a later cell does not fit, and loses no text', async () => {
    // The misfits stand behind the part of each file that is looked at before.
    const many = Array.from({ length: 6000 }, (_, at) => `${at},${at}`);
    const { data, target } = await prepared({
      '2026/03/04/data.csv': file(['a', 'b'], ['007,1', ...many].slice(1)),
      '2026/03/05/data.csv': file(['a', 'b'], [...many, '1,2.5', '007,3']),
    });
    const events: string[] = [];
    const result = await data.toParquet(target, {
      onProgress: ({ event, about }) => event === 'reading' || events.push(`${event} ${about}`),
    });
    expect(result.widened).toEqual([
      { name: 'b', type: 'float64' },
      { name: 'a', type: 'string' },
    ]);
    expect(events).toEqual([
      'written year=2026/month=03/day=04',
      'restarted b: float64',
      'written year=2026/month=03/day=04',
      'restarted a: string',
      'written year=2026/month=03/day=04',
      'written year=2026/month=03/day=05',
    ]);
    const rows = await readParquet(path.join(target, SECOND));
    expect(rows.at(-1)).toMatchObject({ a: '007', b: 3 });
    expect(rows.at(-2)).toMatchObject({ a: '1', b: 2.5 });
    expect((await readParquet(path.join(target, FIRST)))[0]).toMatchObject({ a: '0', b: 0 });
  });

  it('believes declared types, and treats cells that are not of them as bad records', async () => {
    const { data, target } = await prepared({
      '2026/03/04/data.csv': file(['n', 'd'], ['1,2026-01-02', 'x,2026-01-03']),
    });
    const types = { n: 'float64', d: 'timestamp' } as const;
    await expect(data.toParquet(target, { types })).rejects.toMatchObject({ code: 'CELL_NOT_NUMBER' });
    // What was cut off left no file of rows.
    expect(await filesBelow(target)).toEqual(['_manifest.json']);
    expect((await readManifest(target)).isComplete).toBe(false);
    const bad: string[] = [];
    const { manifest } = await data.toParquet(target, { types, onBadRecord: ({ code }) => bad.push(code) });
    expect(bad).toEqual(['CELL_NOT_NUMBER']);
    expect(manifest.partitions[0]).toMatchObject({ badRecords: 1, files: [{ rows: 1 }] });
    expect((await readParquet(path.join(target, FIRST)))[0]).toMatchObject({ n: 1, d: new Date('2026-01-02') });
  });

  it('reads only the columns that are asked for', async () => {
    const { data, target } = await prepared(TWO_DAYS);
    await data.toParquet(target, { columns: ['s'] });
    expect(Object.keys((await readParquet(path.join(target, FIRST)))[0] ?? {})).toEqual([
      's',
      '$aml_dc_correlation_id',
      '$aml_dc_user_correlation_id',
      '$aml_dc_scoring_timestamp',
      '$aml_request_id',
    ]);
  });

  it('writes what our collector stores: numbers stay numbers, empty cells are nulls', async () => {
    const directory = await temporaryFolder();
    const inputs = collector({
      storage: { directory },
      features: [
        { name: 'f', type: 'float64' },
        { name: 's', type: 'string' },
      ],
      clock: clockAt('2026-03-04T12:34:56.789Z'),
    });
    inputs.collect(
      [
        [5, 'Düsseldorf'],
        [-0, null],
        [Number.NaN, 'a\nb'],
      ],
      { correlationId: 'mine' },
    );
    await inputs.close();
    const target = await temporaryFolder();
    await (await CollectedData.open({ ...stream, storage: { directory } })).toParquet(target);
    const rows = await readParquet(path.join(target, FIRST));
    expect(rows.map(({ f, s }) => [f, s])).toEqual([
      [5, 'Düsseldorf'],
      [-0, null],
      [Number.NaN, 'a\nb'],
    ]);
    expect(rows[0]).toMatchObject({
      $aml_dc_user_correlation_id: 'mine',
      $aml_dc_scoring_timestamp: new Date('2026-03-04T12:34:56.789Z'),
    });
  });

  it('leaves a row that is just being written for the next time', async () => {
    const today = new Date().toISOString().slice(0, 10);
    const { data, target } = await prepared({
      [`${today.replaceAll('-', '/')}/data.csv`]: `${file(['n'], ['1'], today)}2,w-2,`,
    });
    expect((await data.toParquet(target)).manifest.rows).toBe(1);
  });
});

describe('toParquet() again', () => {
  it('keeps days that are there and unchanged, and writes new and changed ones', async () => {
    const { data, directory, target } = await prepared(TWO_DAYS);
    await data.toParquet(target);
    const before = await readFile(path.join(target, FIRST));
    await writeFiles(directory, {
      [`${ROOT}/2026/03/05/data.csv`]: `${TWO_DAYS['2026/03/05/data.csv']}4,e,${call('w-9')}\n`,
      [`${ROOT}/2026/03/06/data.csv`]: file(['n', 's'], ['5,f']),
    });
    const events: string[] = [];
    const result = await data.toParquet(target, {
      onProgress: ({ event, about }) => event === 'reading' || events.push(`${event} ${about.slice(-2)}`),
    });
    expect(events).toEqual(['kept 04', 'written 05', 'written 06']);
    expect(result).toMatchObject({ written: 2, kept: 1, manifest: { rows: 5, isComplete: true } });
    expect(await readFile(path.join(target, FIRST))).toEqual(before);
    expect(await data.toParquet(target)).toMatchObject({ written: 0, kept: 3 });
    expect(await data.toParquet(target, { overwrite: true })).toMatchObject({ written: 3, kept: 0 });
  });

  it('writes a day again whose file was lost', async () => {
    const { data, target } = await prepared(TWO_DAYS);
    await data.toParquet(target);
    await rm(path.join(target, FIRST));
    expect(await data.toParquet(target)).toMatchObject({ written: 1, kept: 1 });
    expect(await readParquet(path.join(target, FIRST))).toHaveLength(2);
  });

  it('goes on after it was ended in the middle, with whole files only', async () => {
    const { data, target } = await prepared({
      ...TWO_DAYS,
      '2026/03/06/data.csv': file(['n', 's'], ['5,f']),
    });
    for (const last of ['04', '05']) {
      const controller = new AbortController();
      const exporting = data.toParquet(target, {
        abortSignal: controller.signal,
        onProgress: ({ event, about }) => {
          if (event === 'written' && about.endsWith(last)) {
            controller.abort(new Error('enough'));
          }
        },
      });
      await expect(exporting).rejects.toThrow('enough');
      const manifest = await readManifest(target);
      expect(manifest.isComplete).toBe(false);
      // Every file that is there is in the manifest, whole.
      const names = (await filesBelow(target)).filter((name) => name !== '_manifest.json');
      expect(names).toEqual(manifest.partitions.flatMap(({ files }) => files.map((one) => one.path)));
      expect(names.at(-1)).toContain(`day=${last}`);
      for (const name of names) {
        expect((await readParquet(path.join(target, name))).length).toBeGreaterThan(0);
      }
    }
    expect(await data.toParquet(target)).toMatchObject({
      written: 1,
      kept: 2,
      manifest: { rows: 4, isComplete: true },
    });
  });

  it('adds days to those of earlier ranges', async () => {
    const { directory, target } = await prepared(TWO_DAYS);
    for (const day of ['2026-03-04', '2026-03-05']) {
      const data = await CollectedData.open({ ...stream, storage: { directory }, from: day, to: day });
      await data.toParquet(target);
    }
    expect((await readManifest(target)).partitions.map(({ firstDay }) => firstDay)).toEqual([
      '2026-03-04',
      '2026-03-05',
    ]);
  });

  it('refuses columns that days outside of its range do not have', async () => {
    const { directory, target } = await prepared(TWO_DAYS);
    const open = (day?: string) => CollectedData.open({ ...stream, storage: { directory }, from: day, to: day });
    await (await open('2026-03-04')).toParquet(target);
    await writeFiles(directory, { [`${ROOT}/2026/03/05/data.csv`]: file(['n', 's', 'z'], ['1,a,2']) });
    await expect((await open('2026-03-05')).toParquet(target)).rejects.toMatchObject({
      code: 'EXPORT_DIFFERS',
      message: expect.stringMatching(/"z" is int64 and new.*without from and to/s),
    });
    expect(await filesBelow(target)).toEqual(['_manifest.json', FIRST]);
    // Without a range everything is written with the new column.
    expect(await (await open()).toParquet(target)).toMatchObject({ written: 2, kept: 0 });
    expect((await readParquet(path.join(target, FIRST)))[0]).toMatchObject({ z: null });
  });

  it('refuses what was written with other options, unless it may replace all of it', async () => {
    const { data, target } = await prepared(TWO_DAYS);
    await data.toParquet(target);
    await expect(data.export(target, { format: 'csv' })).rejects.toMatchObject({
      code: 'EXPORT_DIFFERS',
      message: expect.stringContaining('format'),
    });
    await data.export(target, { format: 'csv', partition: 'month', overwrite: true });
    expect(await filesBelow(target)).toEqual(['_manifest.json', 'year=2026/month=03/part-0.csv']);
  });

  it('refuses rows of another stream, and a manifest of something else', async () => {
    const { data, directory, target } = await prepared(TWO_DAYS);
    await data.toParquet(target);
    await writeFiles(directory, { [`${ROOT.replace('inputs', 'others')}/2026/03/04/data.csv`]: file(['n'], ['1']) });
    const others = await CollectedData.open({ ...stream, designation: 'others', storage: { directory } });
    await expect(others.toParquet(target, { overwrite: true })).rejects.toMatchObject({
      code: 'EXPORT_DIFFERS',
      message: expect.stringContaining('another stream'),
    });
    await writeFile(path.join(target, '_manifest.json'), '{"format":"other","formatVersion":3}');
    await expect(data.toParquet(target)).rejects.toMatchObject({
      code: 'MANIFEST_UNKNOWN',
      message: expect.stringContaining('other, version 3'),
    });
  });
});

describe('export()', () => {
  it('writes CSV with the cells as they are stored', async () => {
    const { data, target } = await prepared({ '2026/03/04/data.csv': file(['n', 's'], ['007,"a ""b"""', '1.50,']) });
    await data.export(target, { format: 'csv' });
    expect(await readFile(path.join(target, 'year=2026/month=03/day=04/part-0.csv'), 'utf8')).toBe(
      file(['n', 's'], ['007,"a ""b"""', '1.50,']),
    );
  });

  it('writes JSON Lines with types', async () => {
    const { data, target } = await prepared({
      '2026/03/04/data.csv': file(['f', 'i', 'b', 's'], ['1.5,9007199254740993,true,ü', 'NaN,1,false,', '-0.0,,,x']),
    });
    await data.export(target, { format: 'jsonl' });
    const text = await readFile(path.join(target, 'year=2026/month=03/day=04/part-0.jsonl'), 'utf8');
    expect(text.split('\n')[0]).toBe(
      '{"f":1.5,"i":9007199254740993,"b":true,"s":"ü","$aml_dc_correlation_id":"w-1","$aml_dc_user_correlation_id":null,"$aml_dc_scoring_timestamp":"2026-03-04T00:00:00.000Z","$aml_request_id":null}',
    );
    expect(text.split('\n')[1]).toContain('{"f":"NaN","i":1,"b":false,"s":null');
    expect(text.split('\n')[2]).toContain('{"f":-0.0,"i":null,"b":null,"s":"x"');
  });

  it.each<[string, object]>([
    ['format', { format: 'orc' }],
    ['partition', { partition: 'hour' }],
    ['compression', { compression: 'gzip' }],
    ['compression', { format: 'csv', compression: 'zstd' }],
    ['rowGroupRows', { rowGroupRows: 0.5 }],
    ['types.n', { types: { n: 'decimal' } }],
    ['types', { format: 'csv', types: { n: 'int64' } }],
    ['overwrite', { overwrite: 'yes' }],
    ['columns', { columns: 'n' }],
    ['onProgress', { onProgress: true }],
  ])('refuses a wrong %s', async (name, options) => {
    const { data, target } = await prepared(TWO_DAYS);
    await expect(data.export(target, options as ExportOptions)).rejects.toMatchObject({
      code: 'VALIDATION',
      message: expect.stringContaining(name),
    });
  });
});
