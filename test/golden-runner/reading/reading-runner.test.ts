import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../../support/checkout.ts';
import { fakeLibrary } from '../fake-library.ts';
import { runRecordings } from '../recordings.ts';
import { reportLines } from '../verdict.ts';
import { durationOf, plainTime } from './python-cells.ts';
import { runReading } from './reading-runner.ts';

const FOLDER = join(ROOT, 'test', 'golden', 'model-data-collector-v1');
type Case = { blobs: { path: string; base64: string }[]; calls: { input: { typed: unknown } }[] };

const load = (name: string): Case => JSON.parse(readFileSync(join(FOLDER, `${name}.json`), 'utf8'));

/** A case whose first blob holds another text. */
function rewritten(name: string, change: (text: string) => string): Case {
  const recorded = load(name);
  for (const blob of recorded.blobs) {
    blob.base64 = Buffer.from(change(Buffer.from(blob.base64, 'base64').toString())).toString('base64');
  }
  return recorded;
}

describe('a recording of the Python collector', () => {
  it('is read with every value that went in', async () => {
    expect(await runReading(load('inputs_list_uid'))).toEqual({
      name: 'inputs_list_uid',
      outcome: 'equal',
      lines: [],
      rules: [],
    });
    expect(await runReading(load('df_types'))).toMatchObject({
      outcome: 'explained',
      rules: ['duration-as-text', 'large-integer', 'time-as-text'],
    });
  });

  it.each([
    ['list_basic', /^1,/m, '2,'],
    ['df_types', /9007199254740993/, '9007199254740992'],
    ['df_types', /03:04:05\.678/, '03:04:05.679'],
    ['df_types', /02:00:00,v/, '02:00:01,v'],
    ['df_nested', /'v'/, "'w'"],
    ['np_bool', /True/, 'true'],
    ['labels_df_corr', /cid-1/, 'cid-2'],
  ])('fails when a value of %s is another one', async (name, from, to) => {
    expect(await runReading(load(name))).not.toMatchObject({ outcome: 'failed' });
    const changed = rewritten(name, (text) => text.replace(from, to));
    expect(await runReading(changed)).toMatchObject({ outcome: 'failed' });
  });

  it('fails when it cannot be read, unless that is what its columns are like', async () => {
    const twice = rewritten('df_basic', (text) => text.replace(/^[^,]+,[^,\r]+/, 'x,x'));
    expect(await runReading(twice)).toMatchObject({ outcome: 'explained', rules: ['repeated-name'] });
    const torn = rewritten('list_basic', (text) => text.replace(/^1,/m, '"1,'));
    expect(await runReading(torn)).toMatchObject({ outcome: 'failed' });
  });

  it('fails when a row is missing or comes twice', async () => {
    const twice = rewritten('list_basic', (text) => text + text.split('\r\n').slice(1).join('\r\n'));
    expect((await runReading(twice)).lines[0]).toMatch(/1 rows were given, 2 and 2 are read/);
    const none = rewritten('list_basic', (text) => `${text.split('\r\n')[0]}\r\n`);
    expect((await runReading(none)).lines[0]).toMatch(/1 rows were given, 0 and 0 are read/);
  });

  it('is explained when nothing tells names from a row of texts', async () => {
    const texts = rewritten('nofeatures_list', () => 'a,b\r\n');
    texts.calls = [{ input: { typed: { $type: 'list', items: ['a', 'b'] } } }];
    expect(await runReading(texts)).toMatchObject({ outcome: 'explained', rules: ['header-in-doubt'] });
  });

  it('is known by what it holds, whatever it is called, and must be understood', async () => {
    const root = await mkdtemp(join(tmpdir(), 'recordings-'));
    try {
      await mkdir(join(root, 'any'));
      await writeFile(join(root, 'any', 'first.json'), JSON.stringify(load('list_basic')));
      const strange = load('list_basic');
      strange.calls = [{ input: { typed: { $type: 'list', items: [{ $type: 'Decimal', value: '1' }] } } }];
      await writeFile(join(root, 'any', 'strange.json'), JSON.stringify(strange));
      const reports = await runRecordings(fakeLibrary(), root, '', () => undefined);
      expect(reports.flatMap(reportLines)).toEqual([
        'equal     any list_basic',
        'equal     any list_basic, written',
        'failed    any strange.json',
        expect.stringContaining('of a type that this runner does not know: Decimal'),
      ]);
    } finally {
      await rm(root, { recursive: true });
    }
  });
});

describe('the recordings of the Python collector', () => {
  it('are as they were made', () => {
    const hash = createHash('sha256');
    for (const name of readdirSync(FOLDER)
      .filter((file) => file.endsWith('.json'))
      .sort()) {
      hash.update(`${name}\n`).update(readFileSync(join(FOLDER, name)));
    }
    expect(hash.digest('hex')).toBe('e79097aaf59508fa2d1c5f592e0faf2ec7eed1a2e5b2d1e4a6825c1703042251');
  });
});

describe('times and durations of Python', () => {
  it('are compared by their value', () => {
    expect(plainTime('2024-01-02 00:00:00.000')).toBe('2024-01-02T00:00:00');
    expect(plainTime('2024-01-02T03:04:05.678000+00:00')).toBe('2024-01-02T03:04:05.678+00:00');
    expect(plainTime('2024-01-02')).toBe('2024-01-02T00:00:00');
    expect(durationOf('0:01:30')).toBe(90_000_000_000n);
    expect(durationOf('1 day, 2:00:00.5')).toBe(93_600_500_000_000n);
    expect(durationOf('-1 days +23:59:59')).toBe(-1_000_000_000n);
    expect(durationOf('soon')).toBeUndefined();
  });
});
