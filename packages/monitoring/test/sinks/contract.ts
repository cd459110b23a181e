import fc from 'fast-check';
import { dataFilePath, dayPrefix, parseDataFilePath, type StreamIdentity } from '../../src/format/blob-path.ts';
import type { LedgerEntry } from '../../src/format/ledger.ts';
import { RowSchema } from '../../src/rows/row-schema.ts';
import type { RowSink } from '../../src/sinks/row-sink.ts';
import { batchOf, DAY, Kept, ledgerEntry, schema, storeAll, streamOf, until, valuesOf } from './give.ts';

/** A kind of sink as the contract sees it. */
export interface SinkSubject {
  /**
   * A new sink object over the same storage.
   *
   * @param writer Sinks of different writers do not take turns within the process, as those of two processes do not.
   */
  open(writer?: number): RowSink;
  /** Text of the files of a stream, by path. */
  files(stream: StreamIdentity): Promise<Map<string, string>>;
  /** Entries of the ledger of a day. */
  ledger(stream: StreamIdentity, day: string): Promise<LedgerEntry[]>;
  /** Has calls about a stream hang until it is ended; `hits` tells when one does. */
  hang(stream: StreamIdentity): Promise<{ isHit(): boolean; end(): Promise<void> }>;
  close(): Promise<void>;
}

/** What every sink promises. */
export function describeSinkContract(name: string, start: () => Promise<SinkSubject>): void {
  describe(`the contract of a sink: ${name}`, () => {
    let subject: SinkSubject;
    let stream: StreamIdentity;
    // Suites may share a storage.
    const suite = name.replaceAll(' ', '-');
    let service = 0;

    beforeAll(async () => {
      subject = await start();
    });
    afterAll(() => subject?.close());
    beforeEach(() => {
      service += 1;
      stream = streamOf(`${suite}-${service}`);
    });

    const plainFile = () => dataFilePath(stream, DAY);
    const stored = async () => (await subject.files(stream)).get(plainFile());

    it('has one name for one storage, without secrets', () => {
      const names = [subject.open().name, subject.open().name];
      expect(names[0]).toBe(names[1]);
      expect(names[0]).not.toMatch(/key|sig=/i);
    });

    it('writes the header once, and rows in the order in which they are given', async () => {
      const sink = subject.open();
      await storeAll(sink, [batchOf(stream, ['1', '2']), batchOf(stream, ['3']), batchOf(stream, ['4', '5'])]);
      await storeAll(subject.open(), [batchOf(stream, ['6'])]);
      const text = await stored();
      expect(text?.split('\n')[0]).toBe(schema.header.toString().trimEnd());
      expect(valuesOf(text)).toEqual(['1', '2', '3', '4', '5', '6']);
    });

    it('keeps every byte of a large batch with quotes, line ends and letters outside of ASCII', async () => {
      const value = `"${'naïve, "" \r\n日本 '.repeat(40_000)}"`;
      const batches = [batchOf(stream, [value]), batchOf(stream, ['end'])];
      await storeAll(subject.open(), batches);
      const expected = Buffer.concat([schema.header, ...batches.map(({ bytes }) => bytes)]).toString();
      expect((await stored()) === expected).toBe(true);
    });

    it('takes batches of several files at the same time', async () => {
      const sink = subject.open();
      const days = ['2026-03-02', '2026-03-03', DAY];
      const streams = [stream, streamOf(stream.webserviceName, 'predictions')];
      const files = streams.flatMap((of) => days.map((day) => ({ of, day })));
      await Promise.all(
        files.map(({ of, day }) =>
          storeAll(
            sink,
            ['a', 'b', 'c'].map((value) => batchOf(of, [value], { day })),
          ),
        ),
      );
      for (const { of, day } of files) {
        expect(valuesOf((await subject.files(of)).get(dataFilePath(of, day)))).toEqual(['a', 'b', 'c']);
      }
    });

    it('stores late rows in the file of their own day, also long after', async () => {
      const sink = subject.open();
      for (const day of ['2026-01-01', DAY, '2026-01-01', DAY]) {
        await storeAll(sink, [batchOf(stream, [day], { day })]);
      }
      const files = await subject.files(stream);
      for (const day of ['2026-01-01', DAY]) {
        expect(valuesOf(files.get(dataFilePath(stream, day)))).toEqual([day, day]);
      }
    });

    it('gives rows with other columns a file of their own, and rows without names too', async () => {
      const sink = subject.open();
      const other = new RowSchema(['x', 'y']);
      const unnamed = new RowSchema(3);
      await storeAll(sink, [
        batchOf(stream, ['1']),
        batchOf(stream, ['2,b'], { schema: other }),
        batchOf(stream, ['7,8,9'], { schema: unnamed }),
        batchOf(stream, ['3']),
        batchOf(stream, ['4,d'], { schema: other }),
        batchOf(stream, ['7,7,7'], { schema: unnamed }),
      ]);
      await storeAll(subject.open(), [batchOf(stream, ['5,f'], { schema: other })]);
      const files = await subject.files(stream);
      const folder = dayPrefix(stream, DAY);
      expect([...files.keys()].sort()).toEqual(
        [`data-${other.hash}.csv`, `data-${unnamed.hash}.csv`, 'data.csv'].map((file) => folder + file).sort(),
      );
      expect(valuesOf(files.get(plainFile()))).toEqual(['1', '3']);
      expect(valuesOf(files.get(`${folder}data-${other.hash}.csv`))).toEqual(['2', '4', '5']);
      expect(files.get(`${folder}data-${unnamed.hash}.csv`)).toMatch(/^7,8,9,w-\d+,,.*\n7,7,7,w-\d+,,.*\n$/);
    });

    it.each([
      ['the same sink', false],
      ['a new sink, as after a crash', true],
    ])('stores a batch once that was stored and is given again to %s', async (_, isNew) => {
      const sink = subject.open();
      await storeAll(sink, [batchOf(stream, ['1'])]);
      const kept = new Kept(batchOf(stream, ['2', '3']));
      await kept.store(() => sink);
      await kept.store(() => (isNew ? subject.open() : sink));
      await storeAll(sink, [batchOf(stream, ['4'])]);
      await kept.store(() => subject.open());
      expect(valuesOf(await stored())).toEqual(['1', '2', '3', '4']);
    });

    it('stores the very first batch once too, which brings the header', async () => {
      const kept = new Kept(batchOf(stream, ['1']));
      await kept.store(() => subject.open());
      await kept.store(() => subject.open());
      expect(valuesOf(await stored())).toEqual(['1']);
    });

    it('stores a batch whose process died between the intent and the step, after others came before it', async () => {
      const kept = new Kept(batchOf(stream, ['mine']));
      const before = [batchOf(stream, ['0'])];
      await storeAll(subject.open(), before);
      for (const value of ['1', '2']) {
        kept.diesAfterIntent = true;
        await expect(kept.give(subject.open()).then(() => 'stored')).rejects.toThrow();
        await storeAll(subject.open(1), [batchOf(stream, [value])]);
      }
      kept.diesAfterIntent = false;
      await kept.store(() => subject.open());
      await kept.store(() => subject.open());
      expect(valuesOf(await stored())).toEqual(['0', '1', '2', 'mine']);
    });

    it.each([
      ['nonsense', 'at 17'],
      ['null', null],
      ['of another version', { v: 999, kind: 'file', position: 0 }],
      ['with a bad name', { v: 1, kind: 'append-blob', name: 'data.csv', position: -1, headerBytes: 0 }],
    ])('is not led astray by an intent that is %s', async (_, intent) => {
      const kept = new Kept(batchOf(stream, ['1']));
      kept.intent = intent;
      await kept.store(() => subject.open());
      expect(valuesOf(await stored())).toEqual(['1']);
    });

    it('does not take the intent of another batch for that of this one', async () => {
      const first = new Kept(batchOf(stream, ['aa']));
      await first.store(() => subject.open());
      const second = new Kept(batchOf(stream, ['bb']));
      second.intent = first.intent;
      await second.store(() => subject.open());
      expect(valuesOf(await stored())).toEqual(['aa', 'bb']);
    });

    it('writes nothing when another process has taken the batch over', async () => {
      await storeAll(subject.open(), [batchOf(stream, ['1'])]);
      const kept = new Kept(batchOf(stream, ['2']));
      kept.isTaken = true;
      await expect(kept.give(subject.open())).rejects.toThrow();
      expect(valuesOf(await stored())).toEqual(['1']);
    });

    it('ends a call that hangs, and stores its batch once when it is given again', async () => {
      const sink = subject.open();
      await storeAll(sink, [batchOf(stream, ['1'])]);
      const hanging = await subject.hang(stream);
      const kept = new Kept(batchOf(stream, ['2']));
      const controller = new AbortController();
      const given = kept.give(sink, controller.signal);
      given.catch(() => undefined);
      await until(() => hanging.isHit());
      controller.abort(new Error('enough'));
      await expect(given).rejects.toThrow();
      await hanging.end();
      await kept.store(() => sink);
      await storeAll(sink, [batchOf(stream, ['3'])]);
      expect(valuesOf(await stored())).toEqual(['1', '2', '3']);
    });

    it('writes nothing for a call that was ended before it began', async () => {
      await storeAll(subject.open(), [batchOf(stream, ['1'])]);
      const kept = new Kept(batchOf(stream, ['2']));
      await expect(kept.give(subject.open(), AbortSignal.abort(new Error('too late')))).rejects.toThrow();
      expect(valuesOf(await stored())).toEqual(['1']);
    });

    it('holds every row of several writers once, in the order of each, however often they die', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.constantFrom('gives', 'dies before', 'dies after'), { minLength: 5, maxLength: 5 }),
          fc.nat(),
          async (fates, seed) => {
            service += 1;
            stream = streamOf(`${suite}-${service}`);
            const writers = [0, 1, 2];
            await Promise.all(
              writers.map(async (writer) => {
                let sink = subject.open(writer);
                for (let index = 0; index < 5; index += 1) {
                  const kept = new Kept(batchOf(stream, [`${writer}/${index}`]));
                  const fate = fates[(index + writer * seed) % fates.length];
                  kept.diesAfterIntent = fate === 'dies before';
                  await kept.store(() => sink);
                  if (fate !== 'gives') {
                    sink = subject.open(writer);
                  }
                  if (fate === 'dies after') {
                    await kept.store(() => sink);
                  }
                }
              }),
            );
            const values = valuesOf(await stored());
            expect(values).toHaveLength(15);
            for (const writer of writers) {
              expect(values.filter((value) => value.startsWith(`${writer}/`))).toEqual(
                [0, 1, 2, 3, 4].map((index) => `${writer}/${index}`),
              );
            }
          },
        ),
        { numRuns: 4 },
      );
    });

    it('makes one header when several writers begin a file together', async () => {
      await Promise.all([0, 1, 2].map((writer) => storeAll(subject.open(writer), [batchOf(stream, [String(writer)])])));
      const text = (await stored()) ?? '';
      expect(text.split('\n').filter((line) => line.startsWith('x,'))).toHaveLength(1);
      expect(text.startsWith('x,')).toBe(true);
      expect(valuesOf(text).sort()).toEqual(['0', '1', '2']);
    });

    it('keeps the entries of the ledger', async () => {
      const { signal: abortSignal } = new AbortController();
      for (const sink of [subject.open(), subject.open()]) {
        for (let number = 1; number <= 2; ) {
          await sink.record?.(ledgerEntry(stream, number), { abortSignal }).then(
            () => {
              number += 1;
            },
            () => undefined,
          );
        }
      }
      const found = await subject.ledger(stream, DAY);
      // At least once: one too many does no harm.
      expect(new Set(found.map((line) => line.entry))).toEqual(new Set([1, 2]));
      expect(found.length).toBeGreaterThanOrEqual(4);
      expect(found[0]).toEqual(ledgerEntry(stream, 1));
    });

    it.each([
      ['spaces', ' my  model '],
      ['letters outside of ASCII', 'modèle-模型-🙂'],
      ['characters with a meaning in addresses', '100%25 a+b&c=d#e?f;g@h:i!"\'(),[]{}|^`~$*'],
      ['a dot in front', '..hidden'],
      ['255 characters', 'm'.repeat(255)],
    ])('takes names with %s', async (_, modelName) => {
      const named = { ...stream, modelName };
      await storeAll(subject.open(), [batchOf(named, ['1']), batchOf(named, ['2'])]);
      const files = [...(await subject.files(named))];
      expect(files.map(([file]) => parseDataFilePath(file)?.modelName)).toEqual([modelName]);
      expect(valuesOf(files[0]?.[1])).toEqual(['1', '2']);
    });

    it.each(['.', '..', 'a/b', 'a\\b', '', 'x'.repeat(256)])('refuses %j as a part of the path', async (part) => {
      const kept = new Kept(batchOf({ ...stream, designation: part }, ['1']));
      await expect(kept.give(subject.open())).rejects.toMatchObject({ code: 'VALIDATION', retryable: false });
      expect(kept.intent).toBeUndefined();
    });

    it('refuses names that are too long together', async () => {
      const long = 'x'.repeat(240);
      const workspace = { subscriptionId: long, resourceGroup: long, workspaceName: long };
      const kept = new Kept(batchOf({ ...stream, workspace, modelName: long }, ['1']));
      await expect(kept.give(subject.open())).rejects.toMatchObject({
        code: 'VALIDATION',
        message: expect.stringContaining('Use shorter names'),
      });
    });
  });
}
