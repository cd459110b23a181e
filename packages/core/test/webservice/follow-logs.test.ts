import { appendFile, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AzuremlError, setLogSink } from '@azureml-ts/common';
import { readLogTail } from '../../src/local/log-tail.ts';
import { followLog, LOG_GAP } from '../../src/webservice/follow-logs.ts';
import { rejection } from '../support/local-services.ts';

type Read = () => string;

/** Follows a log whose looks are given; ends after the last. */
function scripted(looks: readonly Read[]): { lines: AsyncGenerator<string>; asked: number[]; abort: AbortController } {
  const abort = new AbortController();
  const asked: number[] = [];
  let next = 0;
  const read = async (numLines: number, signal: AbortSignal): Promise<string> => {
    expect(signal.aborted).toBe(false);
    const look = looks[next];
    next += 1;
    asked.push(numLines);
    if (look === undefined) {
      abort.abort();
      signal.throwIfAborted();
    }
    return look?.() ?? '';
  };
  return { asked, abort, lines: followLog({ read, intervalMs: 0, numLines: 100, abortSignal: abort.signal }) };
}

const gives = (text: string) => () => text;
const throws = (error: unknown) => () => {
  throw error;
};
const missing = throws(new AzuremlError('WEBSERVICE_NOT_FOUND', 'gone', { statusCode: 404 }));
const busy = throws(new AzuremlError('SERVICE_FAILED', 'busy', { statusCode: 503, retryable: true }));

async function collected(lines: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = [];
  for await (const line of lines) {
    all.push(line);
  }
  return all;
}

describe('following a log', () => {
  it('gives the lines that are there, then each new one, and what is unfinished at the end', async () => {
    const { lines } = scripted([
      gives('a\nb\n'),
      gives('a\nb\nc\n'),
      gives('a\nb\nc\n'),
      gives('a\nb\nc\nd\nunfinished'),
    ]);
    expect(await collected(lines)).toEqual(['a', 'b', 'c', 'd', 'unfinished']);
  });

  it('asks for twice the lines until it finds those it has seen, at most 5,000', async () => {
    const many = (from: number, count: number) =>
      Array.from({ length: count }, (_, index) => `${from + index}\n`).join('');
    const { lines, asked } = scripted([
      gives('start\n'),
      gives(many(200, 200)),
      gives(`start\n${many(0, 400)}`.split('\n').slice(-401).join('\n')),
      gives(`start\n${many(0, 400)}`),
    ]);
    expect(await collected(lines)).toHaveLength(401);
    // What came so fast may come again.
    expect(asked).toEqual([200, 200, 400, 800, 800]);
  });

  it('goes on behind a mark when even 5,000 lines are all new', async () => {
    const text = Array.from({ length: 5_000 }, (_, index) => `${index}\n`).join('');
    const { lines, asked } = scripted([gives('start\n'), ...Array.from({ length: 6 }, () => gives(text))]);
    const all = await collected(lines);
    expect(all.slice(0, 3)).toEqual(['start', LOG_GAP, '0']);
    expect(all).toHaveLength(5_002);
    expect(asked).toEqual([200, 200, 400, 800, 1_600, 3_200, 5_000, 5_000]);
  });

  it('follows a real file that grows and is cut', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'follow-'));
    const file = join(folder, 'service.log');
    await writeFile(file, 'one\n');
    const abort = new AbortController();
    const read = async (numLines: number) => (await readLogTail(file, numLines)).text;
    const all: string[] = [];
    try {
      for await (const line of followLog({ read, intervalMs: 1, numLines: 10, abortSignal: abort.signal })) {
        all.push(line);
        if (line === 'one') {
          await appendFile(file, 'two\r\ntwo\r\nthree\r\n');
        } else if (line === 'three') {
          await truncate(file);
          await appendFile(file, 'anew\n');
        } else if (line === 'anew') {
          abort.abort();
        }
      }
    } finally {
      await rm(folder, { recursive: true });
    }
    expect(all).toEqual(['one', 'two', 'two', 'three', LOG_GAP, 'anew']);
  });

  it('ends without an error by its signal: before it begins, in a look and between two', async () => {
    const never = (_: number, signal: AbortSignal) =>
      new Promise<string>((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    const before = { intervalMs: 1, numLines: 1, abortSignal: AbortSignal.abort() };
    expect(await collected(followLog({ ...before, read: never }))).toEqual([]);

    const inLook = new AbortController();
    const waiting = collected(followLog({ read: never, intervalMs: 1, numLines: 1, abortSignal: inLook.signal }));
    inLook.abort();
    expect(await waiting).toEqual([]);

    const between = new AbortController();
    const lines = followLog({ read: async () => 'a\nb', intervalMs: 1e8, numLines: 1, abortSignal: between.signal });
    expect(await lines.next()).toEqual({ done: false, value: 'a' });
    const rest = collected(lines);
    between.abort();
    expect(await rest).toEqual(['b']);
  });

  it('leaves nothing behind when its reader stops', async () => {
    const { lines, asked } = scripted([gives('a\nb\n')]);
    for await (const line of lines) {
      expect(line).toBe('a');
      break;
    }
    expect(asked).toHaveLength(1);
    expect(await lines.next()).toEqual({ done: true, value: undefined });
  });

  it('ends at once by return(), in a look and between two, although a line is waited for', async () => {
    let cut: unknown;
    const never = (_: number, signal: AbortSignal) =>
      new Promise<string>((_resolve, reject) =>
        signal.addEventListener('abort', () => {
          cut = signal.reason;
          reject(cut);
        }),
      );
    const inLook = followLog({ read: never, intervalMs: 1, numLines: 1 });
    const first = inLook.next();
    expect(await inLook.return(undefined)).toEqual({ done: true, value: undefined });
    expect(await first).toEqual({ done: true, value: undefined });
    expect(cut).toMatchObject({ name: 'AbortError' });

    const between = followLog({ read: async () => 'a\n', intervalMs: 1e8, numLines: 1 });
    expect(await between.next()).toEqual({ done: false, value: 'a' });
    const second = between.next();
    expect(await between.return(undefined)).toEqual({ done: true, value: undefined });
    expect(await second).toEqual({ done: true, value: undefined });
  });

  it('says once that lines may be missing when all 5,000 lines are equal, and goes on at the next other line', async () => {
    const equal = (count: number) => 'tick\n'.repeat(Math.min(count, 5_000));
    const log = { count: 6_000, rest: '' };
    const abort = new AbortController();
    const got: string[] = [];
    let looks = 0;
    const read = async (numLines: number) => {
      if (numLines === 5_000) {
        looks += 1;
        log.count += 5;
        log.rest = looks === 4 ? 'other\n' : '';
      }
      const ticks = log.rest === '' ? numLines : numLines - 1;
      return `${equal(Math.min(ticks, log.count))}${log.rest}`;
    };
    for await (const line of followLog({ read, intervalMs: 0, numLines: 0, abortSignal: abort.signal })) {
      got.push(line);
      if (line === 'other') {
        abort.abort();
      }
    }
    expect(got).toEqual([LOG_GAP, 'other']);
  });

  it.each([
    ['numLines', -1],
    ['numLines', 1.5],
    ['intervalMs', -1],
    ['intervalMs', Number.NaN],
  ])('refuses the %s %j', async (name, value) => {
    const init = { read: async () => '', intervalMs: 1, numLines: 1, [name]: value };
    expect(await rejection(followLog(init).next())).toMatchObject({ code: 'VALIDATION', path: name });
  });
});

describe('following a log that cannot be read', () => {
  let warnings: string[];
  let restore: () => void;
  beforeEach(() => {
    warnings = [];
    restore = setLogSink((line) => warnings.push(line));
  });
  afterEach(() => restore());

  it('tells of a passing failure once, and loses no line by it', async () => {
    const { lines } = scripted([gives('a\n'), busy, busy, gives('a\nb\n'), gives('a\nb\nc\n')]);
    expect(await collected(lines)).toEqual(['a', 'b', 'c']);
    expect(warnings).toEqual([
      expect.stringContaining('the log cannot be read at the moment, and is tried again: busy'),
    ]);
  });

  it('throws what the first look throws, even when it may pass', async () => {
    expect(await rejection(collected(scripted([busy]).lines))).toMatchObject({ code: 'SERVICE_FAILED' });
    expect(await rejection(collected(scripted([missing]).lines))).toMatchObject({ code: 'WEBSERVICE_NOT_FOUND' });
  });

  it('ends quietly when the service is gone, but not when it was missing for one look', async () => {
    const { lines, asked } = scripted([gives('a\nb'), missing, gives('a\nb\nc\n'), missing, missing, gives('never\n')]);
    expect(await collected(lines)).toEqual(['a', 'b', 'c']);
    expect(asked).toHaveLength(5);
  });

  it.each(['PERMISSION_DENIED', 'AUTHENTICATION_FAILED'])('throws %s, which does not pass', async (code) => {
    const { lines } = scripted([gives('a\n'), throws(new AzuremlError(code, 'no right to it'))]);
    expect(await lines.next()).toMatchObject({ value: 'a' });
    expect(await rejection(lines.next())).toMatchObject({ code });
    expect(warnings).toEqual([]);
  });
});
