import { readFile, truncate } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import type { BatchKey } from '../../src/engine/batch.ts';
import { keyText } from '../../src/engine/batch.ts';
import { temporaryFolder } from '../support/workspace.ts';
import { countersOf, keyOf, range, sliceOf } from './fixtures/slices.ts';
import { deadIdentity, journalFiles, openJournal, type TestJournal } from './support/journals.ts';

const KEYS = [keyOf('2026-03-04'), keyOf('2026-03-05'), keyOf('2026-03-05', ['a', 'b']), keyOf('2026-03-05', 2)];

/** So that a few slices fill a segment. */
const MAX_BYTES = 120_000;
const bytesOf = (sequence: number) => (sequence * 7_919) % 4_001;

type Step =
  | { readonly op: 'write'; readonly file: number; readonly count: number }
  | {
      readonly op: 'acknowledge' | 'skip' | 'intend';
      readonly file: number;
      readonly from: number;
      readonly count: number;
    };

interface Life {
  readonly steps: readonly Step[];
  readonly end: 'kill' | 'release' | 'close';
  /** What is done with what is found, and whether it is let go in order. */
  readonly stored: readonly { readonly op: 'acknowledge' | 'skip'; readonly from: number; readonly count: number }[];
  readonly letsGo: boolean;
}

const place = { from: fc.nat(99), count: fc.integer({ min: 1, max: 4 }) };
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ op: fc.constant('write' as const), file: fc.nat(3), count: place.count }) },
  {
    weight: 1,
    arbitrary: fc.record({ op: fc.constantFrom('acknowledge', 'skip', 'intend'), file: fc.nat(3), ...place }),
  },
);
const life: fc.Arbitrary<Life> = fc.record({
  steps: fc.array(step, { maxLength: 25 }),
  end: fc.constantFrom('kill', 'release', 'close'),
  stored: fc.array(fc.record({ op: fc.constantFrom('acknowledge', 'skip'), ...place }), { maxLength: 4 }),
  letsGo: fc.boolean(),
});

/** What should be on disk: the slices that wait and the last intent, by writer and file. */
class Model {
  readonly waiting = new Map<string, number[]>();
  readonly intents = new Map<string, { first: number; last: number; value: string }>();

  of(id: string): number[] {
    return this.waiting.get(id) ?? [];
  }

  keep(id: string, numbers: readonly number[]): void {
    this.waiting.set(id, [...numbers]);
  }

  /** Slices that wait, from about here on. */
  choose(id: string, { from, count }: { from: number; count: number }): number[] {
    const numbers = this.of(id);
    const start = Math.floor((from / 100) * numbers.length);
    return numbers.slice(start, start + count);
  }

  acknowledge(id: string, through: number): void {
    this.keep(
      id,
      this.of(id).filter((sequence) => sequence > through),
    );
    if ((this.intents.get(id)?.last ?? 0) <= through) {
      this.intents.delete(id);
    }
  }

  expected(): Record<string, number[]> {
    return Object.fromEntries([...this.waiting].filter(([, numbers]) => numbers.length > 0).sort());
  }
}

const idOf = (writer: string, key: BatchKey) => `${writer} ${keyText(key)}`;

async function live({ journal, writer }: TestJournal, steps: readonly Step[], model: Model): Promise<void> {
  let sequence = 0;
  for (const one of steps) {
    const key = KEYS[one.file] ?? keyOf();
    const id = idOf(writer, key);
    if (one.op === 'write') {
      for (const _ of range(1, one.count)) {
        sequence += 1;
        const outcome = journal.write(key, sliceOf(writer, sequence, bytesOf(sequence)), countersOf(sequence));
        if (outcome === 'durable') {
          model.keep(id, [...model.of(id), sequence]);
        }
      }
      continue;
    }
    const chosen = model.choose(id, one);
    const [first = 0, last = first] = [chosen[0], chosen.at(-1)];
    if (one.op === 'acknowledge' && chosen.length > 0) {
      await journal.file(key).acknowledge(last);
      model.acknowledge(id, last);
    } else if (one.op === 'skip' && chosen.length > 0 && !model.intents.has(id)) {
      await journal.file(key).skip(first, last);
      model.keep(
        id,
        model.of(id).filter((number) => number < first || number > last),
      );
    } else if (one.op === 'intend' && chosen.length > 0) {
      await journal.file(key).intend(first, last, `${first}-${last}`);
      model.intents.set(id, { first, last, value: `${first}-${last}` });
    }
  }
}

/** Takes over what there is and compares; then does some of the work, and lets go of it or dies with it. */
async function recover({ journal }: TestJournal, work: Life, model: Model): Promise<void> {
  const found = await journal.claim();
  const numbers: Record<string, number[]> = {};
  for (const { writer, files } of found) {
    for (const file of files) {
      const id = idOf(writer, file.key);
      const read: number[] = [];
      for await (const slice of file.slices()) {
        const expected = sliceOf(writer, slice.sequence, bytesOf(slice.sequence));
        expect(Buffer.concat(slice.pieces).equals(Buffer.concat(expected.pieces))).toBe(true);
        read.push(slice.sequence);
      }
      numbers[id] = read;
      expect(file.rowCount).toBe(read.reduce((sum, sequence) => sum + sliceOf(writer, sequence).rowCount, 0));
      expect(file.intent).toEqual(read.length > 0 ? model.intents.get(id) : file.intent);
    }
  }
  expect(Object.fromEntries(Object.entries(numbers).sort())).toEqual(model.expected());
  for (const [index, file] of found.flatMap(({ writer, files }) => files.map((one) => ({ writer, one }))).entries()) {
    const task = work.stored[index];
    const id = idOf(file.writer, file.one.key);
    const chosen = task === undefined ? [] : model.choose(id, task);
    const [first = 0, last = first] = [chosen[0], chosen.at(-1)];
    if (task?.op === 'acknowledge' && chosen.length > 0) {
      await file.one.acknowledge(last);
      model.acknowledge(id, last);
    } else if (task?.op === 'skip' && chosen.length > 0 && !model.intents.has(id)) {
      await file.one.skip(first, last);
      model.keep(
        id,
        model.of(id).filter((number) => number < first || number > last),
      );
    }
  }
  if (work.letsGo) {
    await Promise.all(found.map((abandoned) => abandoned.release()));
  }
}

describe('however processes follow each other', () => {
  it('exactly the slices come back that were neither acknowledged nor skipped, in order, byte for byte', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(life, { minLength: 1, maxLength: 5 }), async (lives) => {
        const directory = await temporaryFolder();
        const model = new Model();
        const journals: TestJournal[] = [];
        for (const [index, one] of [...lives, undefined].entries()) {
          // A process number that no process has: whoever looks sees that it has ended.
          const identity = deadIdentity({ pid: 4_194_400 + index });
          const current = openJournal(directory, { writer: `w${index}`, identity, maxBytes: MAX_BYTES });
          journals.push(current);
          await recover(current, one ?? { steps: [], end: 'close', stored: [], letsGo: true }, model);
          await live(current, one?.steps ?? [], model);
          if (one?.end === 'release') {
            current.journal.release();
          } else if (one?.end === 'close') {
            await current.journal.close();
          }
          expect(current.troubles.filter(({ code }) => code !== 'JOURNAL_FULL')).toEqual([]);
        }
        await Promise.all(journals.map(({ journal }) => journal.close()));
      }),
      { numRuns: 60 },
    );
  });

  it('a cut of the last segment loses a suffix of one file, and nothing before it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ op: fc.constant('write' as const), file: fc.constant(0), count: place.count }), {
          minLength: 1,
          maxLength: 12,
        }),
        fc.nat(1_000),
        async (steps, share) => {
          const directory = await temporaryFolder();
          const model = new Model();
          const dead = openJournal(directory, { writer: 'dead', identity: deadIdentity(), maxBytes: MAX_BYTES });
          await live(dead, steps, model);
          const written = Object.values(model.expected())[0] ?? [];
          const segments = await journalFiles(directory, '.log');
          const last = segments.sort((one, two) => countOf(one) - countOf(two)).at(-1) ?? '';
          const { length } = await readFile(last);
          await truncate(last, Math.floor((share / 1_000) * length));

          const next = openJournal(directory, { writer: 'next' });
          const found = await next.journal.claim();
          const file = found[0]?.files[0];
          const read: number[] = [];
          for await (const slice of file?.slices() ?? []) {
            read.push(slice.sequence);
          }
          expect(read).toEqual(written.slice(0, read.length));
          expect(segments.length === 1 || read.length > 0).toBe(true);
          expect(next.troubles).toEqual([]);
          await Promise.all([dead.journal.close(), next.journal.close()]);
        },
      ),
      { numRuns: 60 },
    );
  });
});

/** Which segment of its file. */
function countOf(segment: string): number {
  return Number(/-(\d+)\.log$/.exec(path.basename(segment))?.[1]);
}
