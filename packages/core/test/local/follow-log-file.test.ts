import { appendFile, mkdtemp, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { array, asyncProperty, assert as check, constantFrom, integer } from 'fast-check';
import { followLogFile } from '../../src/local/follow-log-file.ts';
import { LOG_GAP } from '../../src/webservice/follow-logs.ts';

let directory: string;
let file: string;
let abort: AbortController;
let ended: AbortController;
let open: AsyncGenerator<string>[];
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'core-follow-'));
  file = join(directory, 'service.log');
  abort = new AbortController();
  ended = new AbortController();
  open = [];
});
afterEach(async () => {
  abort.abort();
  await Promise.all(open.map((lines) => lines.return(undefined)));
  await rm(directory, { recursive: true });
});

function follow({ numLines = 100, intervalMs = 1 } = {}) {
  const lines = followLogFile({ file, intervalMs, numLines, abortSignal: abort.signal, ended: ended.signal });
  open.push(lines);
  return lines;
}

/** The next lines, as many as asked for. */
async function take(lines: AsyncGenerator<string>, count: number): Promise<string[]> {
  const taken: string[] = [];
  while (taken.length < count) {
    const { value, done } = await lines.next();
    if (done === true) {
      return [...taken, 'THE END'];
    }
    taken.push(value);
  }
  return taken;
}

/** All lines until the end. */
async function all(lines: AsyncGenerator<string>): Promise<string[]> {
  const taken: string[] = [];
  for await (const line of lines) {
    taken.push(line);
  }
  return taken;
}

describe('following a log file', () => {
  it('begins with the last lines that are there, then gives new ones as they are written', async () => {
    await writeFile(file, 'one\ntwo\nthree\n');
    const lines = follow({ numLines: 2 });

    expect(await take(lines, 2)).toEqual(['two', 'three']);
    await appendFile(file, 'fo');
    await appendFile(file, 'ur\r\n\nsix\n');
    expect(await take(lines, 3)).toEqual(['four', '', 'six']);
  });

  it('gives only new lines when none of the old ones is asked for', async () => {
    await writeFile(file, 'old\n');
    const lines = follow({ numLines: 0 });
    let first: string | undefined;
    const found = lines.next().then(({ value }) => {
      first = value;
    });
    for (let count = 1; first === undefined; count += 1) {
      await appendFile(file, `new ${count}\n`);
    }
    await found;

    expect(first).toMatch(/^new /);
  });

  it('keeps lines that are truly repeated', async () => {
    await writeFile(file, 'same\nsame\n');
    const lines = follow();

    await take(lines, 2);
    await appendFile(file, 'same\nsame\n');
    expect(await take(lines, 2)).toEqual(['same', 'same']);
  });

  it('waits for a file that is not there yet', async () => {
    const lines = follow();
    const first = lines.next();
    await appendFile(file, 'at last\n');

    expect((await first).value).toBe('at last');
  });

  it('marks the place where the file was cut, and goes on from its beginning', async () => {
    await writeFile(file, 'one\ntwo\nhalf');
    const lines = follow();
    await take(lines, 2);

    await truncate(file, 0);
    await appendFile(file, 'a\n');
    expect(await take(lines, 3)).toEqual(['half', LOG_GAP, 'a']);
  });

  it('sees a cut also when the file has grown beyond its old size since', async () => {
    await writeFile(file, 'one\ntwo\n');
    const lines = follow();
    await take(lines, 2);

    await writeFile(file, 'other lines, and more of them\nlast\n');
    expect(await take(lines, 3)).toEqual([LOG_GAP, 'other lines, and more of them', 'last']);
  });

  it('reads a file that was replaced to its end, then the new one from its beginning', async () => {
    await writeFile(file, 'one\n');
    const lines = follow();
    await take(lines, 1);

    await rename(file, `${file}.1`);
    await appendFile(`${file}.1`, 'late\n');
    expect(await take(lines, 1)).toEqual(['late']);
    await appendFile(`${file}.1`, 'without end');
    await writeFile(file, 'new\n');
    expect(await take(lines, 2)).toEqual(['without end', 'new']);
  });

  it('ends quietly when it is aborted, also while it waits', async () => {
    await writeFile(file, 'one\n');
    const lines = follow({ intervalMs: 600_000 });
    await take(lines, 1);
    const next = lines.next();
    abort.abort(new Error('enough'));

    expect(await next).toEqual({ done: true, value: undefined });
  });

  it('gives all that was written when it is deleted, also a line without end, then ends', async () => {
    await writeFile(file, 'one\n');
    const lines = follow({ intervalMs: 600_000 });
    await take(lines, 1);
    const rest = all(lines);
    await appendFile(file, 'two\nwithout end');
    await rm(file);
    ended.abort();

    expect(await rest).toEqual(['two', 'without end']);
  });

  it('never takes the file of a later service for its own', async () => {
    await writeFile(file, 'one\n');
    const lines = follow({ intervalMs: 600_000 });
    await take(lines, 1);
    await rm(file);
    ended.abort();
    await writeFile(file, 'of another service\n');

    expect(await all(lines)).toEqual([]);
    expect(await all(follow())).toEqual([]);
  });

  it('gives exactly the lines of the file, however they are written', async () => {
    const piece = constantFrom('a', 'größer €', '\n', '\n\n', '𝒜', 'x'.repeat(40_000));
    await check(
      asyncProperty(array(piece, { maxLength: 20 }), integer({ min: 0, max: 4 }), async (pieces, cut) => {
        await writeFile(file, 'first\n');
        ended = new AbortController();
        const following = follow();
        // What is written before the file is open may be another service's.
        await take(following, 1);
        const got = all(following);
        for (const text of pieces) {
          // In the middle of a character, too.
          const bytes = Buffer.from(text);
          await appendFile(file, bytes.subarray(0, cut));
          await appendFile(file, bytes.subarray(cut));
        }
        ended.abort();
        const lines = pieces.join('').split('\n');
        expect(await got).toEqual(lines.at(-1) === '' ? lines.slice(0, -1) : lines);
      }),
      { numRuns: 40 },
    );
  });
});
