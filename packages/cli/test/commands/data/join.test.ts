import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { ModelDataCollector } from '@azureml-ts/monitoring';
import { main } from '../../../src/index.ts';
import { RecordedIo } from '../../recorded-io.ts';

const workspace = { subscriptionId: 's', resourceGroup: 'r', workspaceName: 'w' };
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'azureml-ts-join-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function collector(designation: string, featureNames: string[], modelVersion = '2'): ModelDataCollector {
  const service = { workspace, webserviceName: 'svc', modelVersion, storage: { directory: folder } };
  return new ModelDataCollector('m', { ...service, designation, featureNames });
}

/** Three calls of one row; the last has no prediction, and a prediction is without inputs. */
async function collectRows(modelVersion?: string): Promise<void> {
  const inputs = collector('inputs', ['age', 'code'], modelVersion);
  const predictions = collector('predictions', ['score', 'code'], modelVersion);
  for (const [index, id] of ['v-1', 'v-2', 'v-3'].entries()) {
    const { correlations } = inputs.collect([[41 + index, `00${index}`]], { correlationId: id });
    if (index < 2) {
      predictions.collect([[index / 2, 'p']], { correlations });
    }
  }
  predictions.collect([[9, 'p']]);
  await Promise.all([inputs.close(), predictions.close()]);
}

function labelFile(text = 'visit,outcome\nv-2,20\nv-1,10\nv-7,70\n'): string {
  const file = path.join(folder, 'labels.csv');
  writeFileSync(file, text);
  return file;
}

function newIo(): RecordedIo {
  return new RecordedIo({
    AML_MODEL_DC_STORAGE: pathToFileURL(folder).href,
    AZUREML_ARM_SUBSCRIPTION: 's',
    AZUREML_ARM_RESOURCEGROUP: 'r',
    AZUREML_ARM_WORKSPACE_NAME: 'w',
    SERVICE_NAME: 'svc',
  });
}

function run(...argv: string[]) {
  return runOn(newIo(), ...argv);
}

async function runOn(io: RecordedIo, ...argv: string[]) {
  const code = await main(['data', 'join', '--model', 'm', '--model-version', '2', ...argv], io);
  return { code, out: io.out, error: io.error };
}

const JOIN = ['--with', 'predictions', '--order-by', 'time'];

describe('azureml-ts data join', () => {
  it('prints inputs beside their predictions and labels, and on standard error what had no partner', async () => {
    await collectRows();
    const { code, out, error } = await run(...JOIN, '--labels', labelFile(), '--on', 'visit', '--output', 'csv');
    expect(code).toBe(0);
    const [head, ...lines] = out.trimEnd().split('\n');
    expect(head).toBe(
      'age,code,score,right.code,visit,outcome,correlationId,position,userCorrelationId,scoringTimestamp,requestId',
    );
    expect(lines).toEqual([
      expect.stringMatching(/^41,000,0,p,v-1,10,\w+-1,0,v-1,\d{4}-[^,]*Z,$/),
      expect.stringMatching(/^42,001,0.5,p,v-2,20,\w+-2,0,v-2,\d{4}-[^,]*Z,$/),
    ]);
    expect(error.replaceAll(/\w{12}-(\d)/g, 'w-$1')).toBe(
      [
        'azureml-ts: 2 pairs of 3 rows on the left and 3 on the right.',
        'azureml-ts: 1 rows of the left without a right one: w-3.',
        'azureml-ts: 1 rows of the right without a left one: w-1.',
        'azureml-ts: 2 of 2 rows got one of 3 labels.',
        'azureml-ts: 1 labels without a row: v-7.',
        '',
      ].join('\n'),
    );
  });

  it('prints rows without a partner where that is asked for, whichever come first', async () => {
    await collectRows();
    const outer = await run('--with', 'predictions', '--how', 'outer', '--output', 'csv', '--order-by', 'requestId');
    expect(outer.code).toBe(0);
    const rows = outer.out.trimEnd().split('\n').slice(1);
    expect(rows).toHaveLength(4);
    expect(rows.map((line) => line.split(',').slice(0, 4).join()).sort()).toEqual(
      ['', '41,000,0,p', '42,001,0.5,p', '43,002,,'].map((text) => (text === '' ? ',,9,p' : text)).sort(),
    );
    const table = await run('--with', 'predictions', '--how', 'left');
    expect(table.out.split('\n')[0]).toMatch(/^age +code +score +right\.code +correlationId/);
    expect(table.out.trimEnd().split('\n')).toHaveLength(4);
  });

  it('prints JSON with types and an object for each side', async () => {
    await collectRows();
    const labels = labelFile('visit,outcome\nv-2,20\n');
    const { out } = await run(...JOIN, '--how', 'left', '--labels', labels, '--on', 'visit', '--output', 'json');
    const document = JSON.parse(out);
    expect(document.schemaVersion).toBe(1);
    expect(document.rows).toHaveLength(3);
    expect(document.rows[1]).toEqual({
      correlationId: expect.stringMatching(/-2$/),
      position: 0,
      userCorrelationId: 'v-2',
      scoringTimestamp: expect.any(String),
      requestId: null,
      modelVersion: '2',
      left: { age: 42, code: '001' },
      right: { score: 0.5, code: 'p' },
      label: { visit: 'v-2', outcome: 20 },
    });
    expect(document.rows[2]).toMatchObject({ right: null, label: null });
    const alone = await run('--labels', labels, '--on', 'code', '--row-id', 'code', '--output', 'json');
    expect(alone).toMatchObject({ code: 4, error: expect.stringContaining('LABEL_COLUMN_NOT_FOUND') });
  });

  it.each([
    ['labels.csv', 'CSV_BAD_RECORD', 'visit,outcome\nv-1\n'],
    ['labels.csv', 'CSV_BAD_RECORD', 'visit,outcome\nv-1,"2\n'],
    ['labels.csv', 'CSV_BAD_HEADER', 'visit,visit\nv-1,2\n'],
    ['labels.jsonl', 'JSON_BAD_RECORD', '{"visit":"v-1"}\n[]\n'],
  ])('ends with wrong usage where %s has a %s', async (name, fault, content) => {
    await collectRows();
    const file = path.join(folder, name);
    writeFileSync(file, content);
    for (const labels of [file, pathToFileURL(file).href]) {
      for (const output of ['csv', 'json']) {
        const { code, error } = await run(...JOIN, '--labels', labels, '--on', 'visit', '--output', output);
        expect([code, error]).toEqual([2, expect.stringContaining(fault)]);
      }
    }
    const argv = [...JOIN, '--labels', file, '--on', 'visit', '--target', path.join(folder, 'set')];
    expect(await run(...argv)).toMatchObject({ code: 2 });
  });

  it('tells the version of each row when several are read', async () => {
    await collectRows();
    await collectRows('10');
    const argv = [...JOIN, '--model-version', 'all', '--how', 'outer'];
    const { out } = await run(...argv, '--output', 'csv');
    const [head, ...lines] = out.trimEnd().split('\n');
    expect(head).toMatch(/,requestId,modelVersion$/);
    const versions = lines.map((line) => line.slice(line.lastIndexOf(',') + 1));
    expect(versions.toSorted()).toEqual(['10', '10', '10', '10', '2', '2', '2', '2']);
    const document = JSON.parse((await run(...argv, '--output', 'json')).out);
    expect(document.rows.map(({ modelVersion }: { modelVersion: string }) => modelVersion)).toEqual(versions);
    const set = path.join(folder, 'set');
    expect((await run(...JOIN, '--model-version', 'all', '--columns', 'age,modelVersion', '--target', set)).code).toBe(
      0,
    );
    expect(readFileSync(path.join(set, 'data.csv'), 'utf8').split('\n').toSorted()).toEqual([
      '',
      '41,10',
      '41,2',
      '42,10',
      '42,2',
      'age,modelVersion',
    ]);
  });

  it('reads one layout where that is asked for', async () => {
    await collectRows();
    expect((await run(...JOIN, '--layout', 'documented')).error).toContain('2 pairs of 3 rows');
    expect((await run(...JOIN, '--layout', 'python-v1')).error).toContain('0 pairs of 0 rows');
    expect(await run(...JOIN, '--layout', 'parquet')).toMatchObject({ code: 2 });
  });

  it('tells its progress on a terminal alone', async () => {
    await collectRows();
    expect((await run(...JOIN)).error).not.toContain('%');
    const both = await runOn(Object.assign(newIo(), { isErrorTerminal: true }), ...JOIN);
    expect(both.error).toContain('inputs and predictions: 100 %, ');
    expect(both.error).toMatch(/of 2 files\n/);
    const labelled = ['--labels', labelFile(), '--on', 'visit'];
    const one = await runOn(Object.assign(newIo(), { isErrorTerminal: true }), ...labelled);
    expect(one.error).toMatch(/^inputs: 100 %, [01] of 1 files\n/);
  });

  it('writes a training set and prints its files', async () => {
    await collectRows();
    const target = path.join(folder, 'set');
    const argv = [...JOIN, '--labels', labelFile(), '--on', 'visit', '--target', target];
    const named = [
      '--columns',
      'age,outcome',
      '--label-column',
      'target',
      '--split',
      'train=0.5,test=0.5',
      '--split-by',
      'userCorrelationId',
    ];
    const { code, out, error } = await run(...argv, ...named);
    expect([code, error]).toEqual([0, expect.stringContaining('wrote 2 rows and manifest.json to directory')]);
    expect(out).toMatch(/^path +part +rows +bytes +sha256\ntrain\.csv +train +\d/);
    const text =
      readFileSync(path.join(target, 'train.csv'), 'utf8') + readFileSync(path.join(target, 'test.csv'), 'utf8');
    expect(
      text
        .split('\n')
        .filter((line) => line !== '')
        .toSorted(),
    ).toEqual(['41,10', '42,20', 'age,target', 'age,target']);
    expect(await run(...argv, ...named)).toMatchObject({ code: 2, error: expect.stringContaining('[FILE_EXISTS]') });
    const again = await run(...argv, '--columns', 'age', '--overwrite', '--output', 'json', '--format', 'parquet');
    expect(again.code).toBe(0);
    const document = JSON.parse(again.out);
    expect(document.manifest.files).toEqual([expect.objectContaining({ path: 'data.parquet', rows: 2 })]);
    expect(JSON.parse(readFileSync(path.join(target, 'manifest.json'), 'utf8'))).toEqual(document.manifest);
    const empty = await run(
      '--labels',
      labelFile('visit,y\nnobody,1\n'),
      '--on',
      'visit',
      '--target',
      path.join(folder, 'no'),
    );
    expect(empty).toMatchObject({ code: 1, error: expect.stringContaining('[TRAINING_SET_EMPTY]') });
  });

  it('ends with 1 for rows without a partner when that is a failure', async () => {
    await collectRows();
    expect((await run(...JOIN, '--fail-on-orphans')).code).toBe(1);
    expect((await run(...JOIN)).code).toBe(0);
    const labels = labelFile('visit,y\nv-1,1\nv-2,2\nv-3,3\n');
    const alone = ['--labels', labels, '--on', 'visit', '--fail-on-orphans'];
    expect((await run(...alone)).code).toBe(0);
    labelFile('visit,y\nv-1,1\nv-2,2\n');
    expect((await run(...alone)).code).toBe(1);
    labelFile('visit,y\nv-1,1\nv-2,2\nv-3,3\nv-4,4\n');
    expect((await run(...alone)).code).toBe(1);
    labelFile('visit,y\nv-1,1\nv-1,2\nv-2,2\nv-3,3\n');
    expect((await run(...alone, '--duplicates', 'error')).code).toBe(1);
  });

  it.each([
    [[], /Give --with, .*or --labels, or both/],
    [['--labels', 'x.csv'], /Give --labels and --on together/],
    [['--with', 'predictions', '--row-id', 'x'], /Give --row-id only with --labels/],
    [['--labels', 'x.csv', '--on', 'x', '--how', 'outer'], /Give --how outer only with --with/],
    [['--with', 'predictions', '--target', 'x', '--limit', '1'], /Give --limit only without --target/],
    [['--with', 'predictions', '--split', 'a=1,a=1'], /names and shares that add up to 1/],
    [['--with', 'predictions', '--split', 'a:1'], /names and shares that add up to 1/],
    [['--with', 'predictions', '--columns', 'a,,b'], /names with commas between them/],
    [['--with', 'predictions', '--order-by', 'id'], /Allowed choices are stored, time, requestId/],
  ])('refuses %j with 2', async (argv, message) => {
    const { code, out, error } = await run(...argv);
    expect([code, out, error]).toEqual([2, '', expect.stringMatching(message)]);
  });

  it('ends early, without harm, after the rows that were asked for', async () => {
    await collectRows();
    const { code, out } = await run(...JOIN, '--limit', '1', '--output', 'csv');
    expect([code, out.trimEnd().split('\n').length]).toEqual([0, 2]);
  });
});
