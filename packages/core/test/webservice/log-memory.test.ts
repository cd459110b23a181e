import fc from 'fast-check';
import { LOG_GAP, look } from '../../src/webservice/follow-logs.ts';
import { LogMemory } from '../../src/webservice/log-memory.ts';
import { readLogPage } from '../../src/webservice/log-page.ts';

/** As in use, but small, so that little is much. */
const LIMITS = { page: 12, most: 48, sure: 10 };

/** A log of which only the end can be read, as of a service. */
class TestLog {
  text = '';

  get lines(): string[] {
    return this.text.split('\n').slice(0, -1);
  }

  append(lines: readonly string[]): void {
    this.text += lines.map((line) => `${line}\n`).join('');
  }

  read = async (numLines: number): Promise<string> => {
    const all = this.text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
    return all.slice(-numLines).join('');
  };
}

class Follower {
  readonly #memory = new LogMemory(LIMITS);
  readonly #log: TestLog;

  constructor(log: TestLog) {
    this.#log = log;
  }

  async begin(numLines = 0): Promise<string[]> {
    const asked = Math.max(numLines, LIMITS.page);
    return this.#memory.begin(readLogPage(await this.#log.read(asked), asked), numLines);
  }

  look(): Promise<string[]> {
    const { signal } = new AbortController();
    return look({ read: this.#log.read, abortSignal: signal }, this.#memory, LIMITS.page, LIMITS.most);
  }

  end(): string[] {
    return this.#memory.end();
  }
}

function started(...lines: string[]): { log: TestLog; follower: Follower } {
  const log = new TestLog();
  log.append(lines);
  return { log, follower: new Follower(log) };
}

const numbered = (count: number, from = 0) => Array.from({ length: count }, (_, index) => `line ${from + index}`);

describe('the memory of a log', () => {
  it('begins with the last lines that are asked for', async () => {
    const { follower } = started('a', 'b', 'c');
    expect(await follower.begin(2)).toEqual(['b', 'c']);
    expect(await started('a').follower.begin(0)).toEqual([]);
  });

  it('keeps lines that truly repeat, in a log that can be read as a whole', async () => {
    const { log, follower } = started('tick', 'tick');
    await follower.begin();
    expect(await follower.look()).toEqual([]);
    log.append(['tick', 'tick', 'tick']);
    expect(await follower.look()).toEqual(['tick', 'tick', 'tick']);
  });

  it('reads more lines when a page of equal lines does not tell how many are new', async () => {
    const { log, follower } = started(...numbered(30), ...Array<string>(20).fill('tick'));
    await follower.begin();
    // Nobody has looked further back than the page before: how many of them were there then is not known.
    expect(await follower.look()).toEqual([LOG_GAP]);
    expect(await follower.look()).toEqual([]);
    log.append(['something', ...Array<string>(14).fill('tick')]);
    expect(await follower.look()).toEqual(['something', ...Array<string>(14).fill('tick')]);
    log.append(['tick', 'tick']);
    expect(await follower.look()).toEqual(['tick', 'tick']);
  });

  it('marks once that equal lines cannot be counted, until something tells them apart', async () => {
    const ticks = (count: number) => Array<string>(count).fill('tick');
    const { log, follower } = started(...ticks(60));
    await follower.begin();
    log.append(ticks(5));
    expect(await follower.look()).toEqual([LOG_GAP]);
    log.append(ticks(5));
    expect(await follower.look()).toEqual([]);
    log.append([...ticks(5), 'other', ...ticks(2)]);
    expect(await follower.look()).toEqual(['other', 'tick', 'tick']);
    log.append(ticks(3));
    expect(await follower.look()).toEqual(ticks(3));
    log.append(ticks(50));
    expect(await follower.look()).toEqual([LOG_GAP, ...ticks(43)]);
    expect(await follower.look()).toEqual([LOG_GAP]);
    expect(await follower.look()).toEqual([]);
  });

  it('takes a log that began anew with the very lines of before for one that has grown', async () => {
    const { log, follower } = started('start', 'ready');
    await follower.begin();
    log.text = 'start\nready\nscoring\n';
    expect(await follower.look()).toEqual(['scoring']);
  });

  it('reads more lines when more than a page has come', async () => {
    const { log, follower } = started(...numbered(20));
    await follower.begin();
    log.append(numbered(35, 20));
    expect(await follower.look()).toEqual(numbered(35, 20));
  });

  it('marks a gap when more has come than can be read', async () => {
    const { log, follower } = started(...numbered(20));
    await follower.begin();
    log.append(numbered(60, 20));
    expect(await follower.look()).toEqual([LOG_GAP, ...numbered(48, 32)]);
    log.append(['on']);
    expect(await follower.look()).toEqual(['on']);
  });

  it('marks where a log began anew, and goes on there', async () => {
    const { log, follower } = started('start 1', 'a', 'b');
    await follower.begin();
    log.text = '';
    log.append(['start 2', 'a', 'b', 'c']);
    expect(await follower.look()).toEqual([LOG_GAP, 'start 2', 'a', 'b', 'c']);
    log.append(['d']);
    expect(await follower.look()).toEqual(['d']);
  });

  it('is not misled by a line of before in a log that began anew', async () => {
    const { log, follower } = started('ready');
    await follower.begin();
    log.text = 'loading\nready\ngo\n';
    expect(await follower.look()).toEqual([LOG_GAP, 'loading', 'ready', 'go']);
  });

  it('knows by an unfinished line that a log began anew', async () => {
    const { log, follower } = started('start', 'a');
    log.text += 'scor';
    await follower.begin();
    log.text = 'start\na\nloading\n';
    expect(await follower.look()).toEqual(['scor', LOG_GAP, 'start', 'a', 'loading']);
  });

  it('does not repeat a log that was away for one look', async () => {
    const { log, follower } = started('a', 'b');
    await follower.begin();
    const { text } = log;
    log.text = '';
    expect(await follower.look()).toEqual([]);
    log.text = `${text}c\n`;
    expect(await follower.look()).toEqual(['c']);
  });

  it('follows a log whose oldest lines are cut off', async () => {
    const { log, follower } = started(...numbered(20));
    await follower.begin();
    log.text = '';
    log.append(numbered(18, 8));
    expect(await follower.look()).toEqual(numbered(6, 20));
  });

  it('holds a line back until it is complete', async () => {
    const { log, follower } = started('a');
    await follower.begin();
    log.text += 'loading';
    expect(await follower.look()).toEqual([]);
    log.text += ' the model\nb';
    expect(await follower.look()).toEqual(['loading the model']);
    expect(follower.end()).toEqual(['b']);
    expect(follower.end()).toEqual([]);
  });

  it('tells a line without an end once it stands still, and again only when it has grown', async () => {
    const { log, follower } = started('a');
    await follower.begin();
    log.text += 'Killed';
    expect(await follower.look()).toEqual([]);
    expect(await follower.look()).toEqual(['Killed']);
    expect(await follower.look()).toEqual([]);
    log.text += '\nb\n';
    expect(await follower.look()).toEqual(['b']);
    log.text += 'wait';
    await follower.look();
    expect(await follower.look()).toEqual(['wait']);
    log.text += ', done\n';
    expect(await follower.look()).toEqual(['wait, done']);
    expect(follower.end()).toEqual([]);
  });

  it('does not lose the unfinished line of a log that begins anew', async () => {
    const { log, follower } = started('a');
    log.text += 'unfinis';
    await follower.begin();
    log.text = 'start\n';
    expect(await follower.look()).toEqual(['unfinis', LOG_GAP, 'start']);
  });

  it('tells what a managed deployment says of its instance when it changes, without losing the place', async () => {
    const { log, follower } = started(
      'Instance status:',
      'ModelDownload: InProgress',
      '',
      'Container events:',
      'Kind: a',
    );
    expect(await follower.begin(5)).toHaveLength(5);
    log.append(['Kind: b', '', 'Container logs:', 'first']);
    log.text = log.text.replace('InProgress', 'Succeeded');
    expect(await follower.look()).toEqual(['ModelDownload: Succeeded', 'Kind: b', 'Container logs:', 'first']);
    log.append(['second']);
    expect(await follower.look()).toEqual(['second']);
  });
});

describe('whatever a log does between the looks', () => {
  it('tells equal lines exactly where the overlap can be told, and never a line too many', async () => {
    const growth = fc.array(fc.constantFrom('a', 'b', 'b'), { maxLength: LIMITS.page - 1 });
    let decided = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('a', 'b'), { maxLength: 70 }),
        fc.array(growth, { maxLength: 12 }),
        async (first, steps) => {
          const { log, follower } = started(...first);
          await follower.begin();
          let seen = first.slice(-LIMITS.page);
          let hasGap = false;
          for (const added of steps) {
            log.append(added);
            const news = await follower.look();
            const read = log.lines.slice(-LIMITS.most);
            const isWhole = log.lines.length < LIMITS.page;
            const places = isWhole ? 1 : placesOf(seen, read);
            if (places === 1) {
              decided += 1;
              hasGap = false;
              expect(news.filter((line) => line !== LOG_GAP)).toEqual(added);
              if (read.length - added.length >= Math.min(LIMITS.sure, seen.length) && seen.length > 0) {
                expect(news).not.toContain(LOG_GAP);
              }
            } else {
              const told = news.filter((line) => line !== LOG_GAP);
              expect(added.slice(added.length - told.length)).toEqual(told);
              // What was not told is marked, here or where it became uncountable.
              hasGap ||= news.includes(LOG_GAP);
              expect(hasGap || told.length === added.length).toBe(true);
            }
            seen = [...seen, ...added].slice(-LIMITS.most);
          }
        },
      ),
      { numRuns: 1000 },
    );
    expect(decided).toBeGreaterThan(500);
  });

  it('tells every line once, or marks the place, when it grows, begins anew and loses its oldest lines', async () => {
    // Every fifth line is one of its kind, so that no ten lines repeat.
    const step = fc.record({
      restart: fc.option(fc.constantFrom(true), { freq: 6 }),
      cut: fc.oneof({ weight: 5, arbitrary: fc.constantFrom(0) }, fc.integer({ min: 0, max: 60 })),
      grow: fc.oneof(fc.integer({ min: 0, max: 8 }), fc.integer({ min: 0, max: 100 })),
      letters: fc.array(fc.constantFrom('x', 'y'), { minLength: 100, maxLength: 100 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 80 }), fc.array(step, { maxLength: 15 }), async (first, steps) => {
        let unique = 0;
        const make = (letters: readonly string[], count: number) =>
          letters.slice(0, count).map((letter, index) => {
            unique += index % 5 === 0 ? 1 : 0;
            return index % 5 === 0 ? `unique ${unique}` : letter;
          });
        const { log, follower } = started(...make(Array<string>(80).fill('x'), first));
        await follower.begin();
        let lastCount = log.lines.length;
        let isKnown = true;
        for (const { restart, cut, grow, letters } of steps) {
          const added = make(letters, grow);
          const before = restart ? [] : log.lines.slice(cut);
          log.text = '';
          log.append([...before, ...added]);
          isKnown = isKnown && (!restart || lastCount === 0);
          const news = await follower.look();
          if (log.lines.length === 0) {
            expect(news).toEqual([]);
            isKnown = isKnown && lastCount === 0;
            continue;
          }
          const window = [...before, ...added].slice(-LIMITS.most);
          const fresh = isKnown ? window.slice(Math.max(0, window.length - added.length)) : window;
          const overlap = window.length - fresh.length;
          if (isKnown && overlap >= Math.min(LIMITS.sure, lastCount) && (lastCount > 0 || fresh.length < LIMITS.most)) {
            expect(news).toEqual(fresh);
          } else {
            const [mark, ...rest] = news;
            expect(mark).toBe(LOG_GAP);
            expect(fresh.slice(fresh.length - rest.length)).toEqual(rest);
            expect(rest.length).toBeGreaterThan(fresh.length - LIMITS.sure);
          }
          lastCount = log.lines.length;
          isKnown = true;
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('puts lines together that were read in pieces', async () => {
    const piece = fc.constantFrom('a', 'b', '\n', '\n', 'cd\n', '');
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(piece, { maxLength: 5 }), { maxLength: 10 }), async (steps) => {
        const { log, follower } = started();
        await follower.begin();
        const told: string[] = [];
        const expected: string[] = [];
        for (const pieces of steps) {
          const before = log.text;
          log.text += pieces.join('');
          told.push(...(await follower.look()));
          // A line that stands still is told as it is, and once more when it has grown after that.
          const open = lastLine(log.text);
          const lines = log.text
            .slice(before.length - lastLine(before).length)
            .split('\n')
            .slice(0, -1);
          const isTold = settled.get(before) === true;
          expected.push(...(isTold && lines[0] === lastLine(before) ? lines.slice(1) : lines));
          if (log.text === before && open !== '' && !isTold) {
            expected.push(open);
          }
          settled.set(log.text, log.text === before && open !== '');
        }
        told.push(...follower.end());
        const open = lastLine(log.text);
        expected.push(...(open === '' || settled.get(log.text) ? [] : [open]));
        settled.clear();
        expect(told).toEqual(expected);
      }),
      { numRuns: 1000 },
    );
  });
  const settled = new Map<string, boolean>();
});

function lastLine(text: string): string {
  return text.split('\n').at(-1) ?? '';
}

/** In how many ways what was seen fits into what is read. */
function placesOf(seen: readonly string[], read: readonly string[]): number {
  return Array.from(read.keys()).filter((index) => {
    const end = index + 1;
    const compared = Math.min(end, seen.length);
    return read.slice(end - compared, end).join() === seen.slice(seen.length - compared).join();
  }).length;
}
