import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readLogTail } from '../../src/local/log-tail.ts';

describe('readLogTail', () => {
  let root: string;
  let file: string;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'log-tail-'));
    file = join(root, 'service.log');
  });
  afterAll(() => rm(root, { recursive: true }));

  it.each([
    ['', 5, ''],
    ['a\nb\nc\n', 2, 'b\nc\n'],
    ['a\nb\nc', 2, 'b\nc'],
    ['a\nb\n', 9, 'a\nb\n'],
    ['a\n\n', 1, '\n'],
    ['a\n', 0, ''],
  ])('of %j gives the last %i lines', async (text, numLines, expected) => {
    await writeFile(file, text);
    expect(await readLogTail(file, numLines)).toBe(expected);
  });

  it('splits no character where it reads a big file in pieces', async () => {
    // Lines of 7 bytes, so that the pieces end inside characters of 3 bytes.
    const lines = Array.from({ length: 60_000 }, () => '€€\n');
    await writeFile(file, lines.join(''));

    expect(await readLogTail(file, 50_000)).toBe(lines.slice(10_000).join(''));
    expect(await readLogTail(file, 60_001)).toBe(lines.join(''));
  });

  it('keeps a line that is longer than a piece whole', async () => {
    const long = 'x'.repeat(200_000);
    await writeFile(file, `first\n${long}\n`);
    expect(await readLogTail(file, 1)).toBe(`${long}\n`);
  });

  it('has no lines for a missing file and refuses a number that is none', async () => {
    expect(await readLogTail(join(root, 'gone'), 5)).toBe('');
    await expect(readLogTail(file, -1)).rejects.toThrow('numLines must be an integer from 0, but is -1');
    await expect(readLogTail(file, 1.5)).rejects.toMatchObject({ code: 'VALIDATION' });
  });
});
