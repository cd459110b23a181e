import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
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
    expect(await readLogTail(file, numLines)).toEqual({ text: expected, leftOut: 0 });
  });

  it('splits no character where it reads a big file in pieces', async () => {
    // Lines of 7 bytes, so that the pieces end inside characters of 3 bytes.
    const lines = Array.from({ length: 60_000 }, () => '€€\n');
    await writeFile(file, lines.join(''));

    expect((await readLogTail(file, 50_000)).text).toBe(lines.slice(10_000).join(''));
    expect((await readLogTail(file, 60_001)).text).toBe(lines.join(''));
  });

  it('keeps a line that is longer than a piece whole', async () => {
    const long = 'x'.repeat(200_000);
    await writeFile(file, `first\n${long}\n`);
    expect((await readLogTail(file, 1)).text).toBe(`${long}\n`);
  });

  it.each([
    [6, '€\n', 9],
    [7, '€€\n', 6],
    [8, '€€\n', 6],
    [12, '€€€\n', 3],
    [13, '€€€€\n', 0],
    [100, '€€€€\n', 0],
  ])('reads no more than %i bytes, from the beginning of a character', async (maxBytes, text, leftOut) => {
    await writeFile(file, '€€€€\n');
    expect(await readLogTail(file, 5, maxBytes)).toEqual({ text, leftOut });
  });

  it('reads at most 16 MiB, also of one line longer than any text can be', async () => {
    await writeFile(file, '');
    // A file of this size that takes no room on the disk.
    await truncate(file, 700 * 1024 * 1024);
    const { text, leftOut } = await readLogTail(file, 5_000);

    expect(text.length).toBe(16 * 1024 * 1024);
    expect(leftOut).toBe(684 * 1024 * 1024);
  });

  it('has no lines for a missing file and refuses a number that is none', async () => {
    expect(await readLogTail(join(root, 'gone'), 5)).toEqual({ text: '', leftOut: 0 });
    await expect(readLogTail(file, -1)).rejects.toThrow('numLines must be an integer from 0, but is -1');
    await expect(readLogTail(file, 1.5)).rejects.toMatchObject({ code: 'VALIDATION' });
  });
});
