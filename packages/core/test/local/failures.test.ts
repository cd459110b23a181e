import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lastLogLines, startFailure } from '../../src/local/failures.ts';

describe('the log in an error', () => {
  let root: string;
  let file: string;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'failures-'));
    file = join(root, 'service.log');
  });
  afterAll(() => rm(root, { recursive: true }));

  it('is small, however long its lines are, and leaves out a line without its beginning', async () => {
    await writeFile(file, `AccountKey=${'k'.repeat(300_000)}\nTypeError: ${'x'.repeat(9_000)}\n`);
    const failure = await startFailure('Service "svc" could not start', { code: 7, signal: null }, file);

    expect(failure.logs).toEqual([
      expect.stringMatching(/^\[.*left out/),
      expect.stringMatching(/^TypeError: x+\.\.\.$/),
    ]);
    expect(JSON.stringify(failure)).not.toContain('kkk');
    expect(failure.message.length).toBeLessThan(1_000);
    expect(JSON.stringify(failure.details).length).toBeLessThan(5_000);
  });

  it('has no secret, also where its name stands on the line before', async () => {
    await writeFile(file, 'password:\n\n  hunter2-hunter2\n');
    expect((await lastLogLines(file)).join()).not.toContain('hunter2');
  });
});
