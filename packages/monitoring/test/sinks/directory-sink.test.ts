import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setLogSink } from '@azureml-ts/common';
import { type CollectorIssue, ModelDataCollector, type ModelDataCollectorOptions } from '../../src/index.ts';
import { clockOn } from '../support/fake-clock.ts';
import { filesBelow, identity, temporaryFolder } from '../support/workspace.ts';

let restoreLog: () => void;
beforeAll(() => {
  restoreLog = setLogSink(() => undefined);
});
afterAll(() => restoreLog());

const FILE = 'modeldata/sub/rg/ws/svc/best_model/1/inputs/2026/03/04/data.csv';

function make(directory: string, options: ModelDataCollectorOptions = {}): ModelDataCollector {
  return new ModelDataCollector('best_model', {
    ...identity,
    designation: 'inputs',
    featureNames: ['x'],
    storage: { directory },
    clock: clockOn('2026-03-04'),
    journal: false,
    ...options,
  });
}

describe('the directory', () => {
  it('has one header and every row once when several collectors share a file', async () => {
    const directory = await temporaryFolder();
    const writers = Array.from({ length: 6 }, () => make(directory, { maxBatchBytes: 1 }));
    for (let round = 0; round < 10; round += 1) {
      for (const [index, writer] of writers.entries()) {
        writer.collect([`${index}/${round}`]);
      }
    }
    await Promise.all(writers.map((writer) => writer.close()));
    const files = await filesBelow(directory);
    expect([...files.keys()].filter((file) => !file.endsWith('.jsonl'))).toEqual([FILE]);
    const [header, ...rows] = (files.get(FILE) ?? '').split('\n').slice(0, -1);
    expect(header).toMatch(/^x,\$aml_dc_correlation_id,/);
    expect(new Set(rows.map((row) => row.split(',')[0])).size).toBe(60);
    expect(rows).toHaveLength(60);
  });

  it('appends to the file of an earlier process', async () => {
    const directory = await temporaryFolder();
    for (const value of ['before', 'after']) {
      const collector = make(directory);
      collector.collect([value]);
      await collector.close();
    }
    const text = await readFile(path.join(directory, FILE), 'utf8');
    expect(text.split('\n').map((line) => line.split(',')[0])).toEqual(['x', 'before', 'after', '']);
  });

  it('keeps rows while the folder cannot be written, says why, and stores them when it can', async () => {
    const directory = path.join(await temporaryFolder(), 'rows');
    await writeFile(directory, 'a file where the folder should be');
    const issues: CollectorIssue[] = [];
    const collector = make(directory, { onError: (issue) => issues.push(issue) });
    collector.collect([1]);
    await expect(collector.flush({ timeoutMs: 200 })).rejects.toMatchObject({ code: 'FLUSH_FAILED', keptRows: 1 });
    expect(issues[0]?.message).toMatch(/could not store rows in directory .*: (EEXIST|ENOTDIR)/);
    await rm(directory);
    await collector.close();
    expect(collector.stats()).toMatchObject({ stored: 1, dropped: { failed: 0 } });
  });

  it.each([
    ['documented', 'data'],
    ['python-v1', 'inputs'],
  ] as const)('leaves what is no file as it is and says so once, in layout %s', async (layout, name) => {
    const directory = await temporaryFolder();
    const folder = path.dirname(path.join(directory, FILE));
    await mkdir(path.join(folder, `${name}.csv`), { recursive: true });
    const issues: CollectorIssue[] = [];
    const collector = make(directory, { layout, onError: (issue) => issues.push(issue) });
    for (const value of [1, 2]) {
      collector.collect([value]);
      await collector.flush();
    }
    await collector.close();
    expect((await readFile(path.join(folder, `${name}-2.csv`), 'utf8')).split(/\r?\n/)).toHaveLength(4);
    expect(issues.map(({ code }) => code)).toEqual(['FILE_NAME_TAKEN']);
    expect(issues[0]?.message).toContain(`2026/03/04/${name}.csv in directory ${directory} is no file of such rows`);
  });

  it('makes the file again, with its header, when it was removed meanwhile', async () => {
    const directory = await temporaryFolder();
    const collector = make(directory);
    collector.collect([1]);
    await collector.flush();
    await rm(path.join(directory, 'modeldata'), { recursive: true });
    await mkdir(path.join(directory, 'modeldata'));
    collector.collect([2]);
    await collector.close();
    const text = await readFile(path.join(directory, FILE), 'utf8');
    expect(text.split('\n').map((line) => line.split(',')[0])).toEqual(['x', '2', '']);
  });
});
