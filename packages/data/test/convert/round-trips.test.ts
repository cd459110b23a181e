import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { encodeRows } from '@azureml-ts/monitoring/format';
import fc from 'fast-check';
import { CollectedData } from '../../src/index.ts';
import { openLines, record, writeLines } from '../support/json-lines.ts';
import { HEADER, ROOT, stream, temporaryFolder, writeFiles } from '../support/stream.ts';

const { workspace } = stream;
const FOLDER = 'modelDataCollector/svc/best_model/inputs';
const CALL_NAMES = HEADER.trim().split(',').slice(1);

/** Names of columns: some that objects would put first, and some that all objects have. */
const names = fc.uniqueArray(
  fc.oneof(
    fc.constantFrom('1', '2', '10', '__proto__', 'constructor', 'a b', 'x,"y"', 'data', 'correlationid'),
    fc.string({ minLength: 1, maxLength: 6 }),
  ),
  { maxLength: 5 },
);
const call = fc.record({
  id: fc.constantFrom('', 'a', 'b', 'c', 'u-3f2c0a4e-0000-4000-8000-00000000000a'),
  user: fc.constantFrom('', 'me', 'you, "too"'),
  time: fc.constantFrom('', '2026-03-04T05:06:07.890Z', '2026-03-04T05:59:59Z', '2026-03-04T06:00:00Z', 'later'),
  request: fc.constantFrom('', 'r1', 'r2'),
});

describe('there and back again', () => {
  it('keeps cells, ids and order of documented rows, which are JSON Lines for a while', async () => {
    const cell = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom('', '5', '5.0', '-0.0', '-0', '00123', '1.50', '1e+21', '1e21', 'true', 'False', 'null', '[1]'),
      fc.constantFrom(
        '9007199254740993',
        '10000000000000000.0',
        '"',
        '\n',
        '\r\n',
        '\u2028',
        ' x ',
        '{"a":1}',
        '1e400',
      ),
      fc
        .double({ noNaN: true, noDefaultInfinity: true })
        .map((value) => (Object.is(value, -0) ? '-0.0' : String(value))),
      fc.integer().map(String),
    );
    const file = names.chain((columns) =>
      fc.record({
        columns: fc.constant(columns),
        rows: fc.array(
          fc.record({ cells: fc.array(cell, { minLength: columns.length, maxLength: columns.length }), call }),
          { minLength: 1, maxLength: 12 },
        ),
      }),
    );
    const property = fc.asyncProperty(fc.array(file, { minLength: 1, maxLength: 3 }), async (files) => {
      const [from, between, back] = [await temporaryFolder(), await temporaryFolder(), await temporaryFolder()];
      // A day has one file: the rows of several are put together hour by hour.
      await writeFiles(
        from,
        Object.fromEntries(
          files.map(({ columns, rows }, index) => [
            `${ROOT}/2026/03/0${index + 4}/data.csv`,
            encodeRows([
              [...columns, ...CALL_NAMES],
              ...rows.map(({ cells, call: { id, user, time, request } }) => [...cells, id, user, time, request]),
            ]),
          ]),
        ),
      );
      const source = await CollectedData.open({ ...stream, storage: { directory: from } });
      const { manifest: there } = await source.convert({ to: 'json-lines', target: between });
      expect(there.losses).toEqual([]);
      const lines = await CollectedData.open({ layout: 'json-lines', storage: { directory: between }, path: FOLDER });
      const { manifest } = await lines.convert({ to: 'documented', target: back, stream });
      const bytes = await Promise.all(manifest.files.map((one) => readFile(path.join(back, one.path), 'utf8')));
      const before = await Promise.all(
        there.sources.map((one) => readFile(path.join(from, 'modeldata', one.path), 'utf8')),
      );
      // Not only are cells read as the same: they are the same, and so are the bytes of the files.
      expect(bytes).toEqual(before);
      expect(manifest.files.map(({ sha256 }) => sha256)).toEqual(there.sources.map(({ sha256 }) => sha256));
    });
    await fc.assert(property, { numRuns: 60 });
  }, 60_000);

  it('keeps the records of JSON Lines, which are documented rows for a while', async () => {
    const kinds = {
      text: fc.oneof(fc.string({ unit: 'grapheme', minLength: 1 }), fc.constantFrom('5', 'true', '00', '{}', 'NaN')),
      number: fc.oneof(
        fc
          .double({ noNaN: true, noDefaultInfinity: true })
          // Whole numbers beyond those that are exact are texts for every reader of this library.
          .filter((value) => !/^-?\d{16,}$/.test(String(value)))
          .map((value) => (Object.is(value, -0) ? '-0.0' : String(value))),
        fc.constantFrom('5.0', '1e21', '1E2', '10000000000000001.0', '-0', 'null'),
        fc.maxSafeInteger().map(String),
      ),
      flag: fc.constantFrom('true', 'false', 'null'),
    };
    const row = fc.record({
      text: kinds.text.map((text) => JSON.stringify(text)),
      '2': kinds.number,
      flag: kinds.flag,
    });
    const property = fc.asyncProperty(
      fc.array(fc.record({ rows: fc.array(row, { minLength: 1, maxLength: 4 }), call }), {
        minLength: 1,
        maxLength: 8,
      }),
      async (records) => {
        const [from, between, back] = [await temporaryFolder(), await temporaryFolder(), await temporaryFolder()];
        const texts = records.map(({ rows, call: { user, request } }, index) => {
          // Each is a call of its own: those of one call become one record.
          const ids = {
            correlationid: `call ${index}`,
            time: '2026-03-04T05:06:07Z',
            xrequestid: request || undefined,
          };
          const data = rows.map((one) => `{"text":${one.text},"2":${one['2']},"flag":${one.flag}}`).join(',');
          return record(`[${data}]`, { ...ids, usercorrelationid: user || undefined });
        });
        await writeLines(from, {
          'modelDataCollector/ep/blue/model_inputs/2026/03/04/05/one.jsonl': texts.map((text) => `${text}\n`).join(''),
        });
        const source = await openLines(from);
        const { manifest: there } = await source.convert({ to: 'documented', target: between, stream: { workspace } });
        const rows = await CollectedData.open({ ...there.stream, storage: { directory: between } });
        const { manifest } = await rows.convert({ to: 'json-lines', target: back, types: { text: 'string' } });
        const [file] = manifest.files;
        const lines = (await readFile(path.join(back, file?.path ?? ''), 'utf8')).split('\n').slice(0, -1);
        const kept = (text: string) => {
          const { data, time, correlationid, xrequestid, usercorrelationid } = JSON.parse(text) as Record<
            string,
            unknown
          >;
          const entries = (data as object[]).map((one) => Object.entries(one));
          return { entries, time, correlationid, xrequestid, usercorrelationid };
        };
        // JSON.parse tells -0.0 from 0, and so does toEqual.
        expect(lines.map(kept)).toEqual(texts.map((text) => kept(text)));
        expect(file?.path).toMatch(/2026\/03\/04\/05\//);
        // The names are in the order of the record, whatever an object makes of it.
        expect(lines.every((line) => /"data":\[\{"text":("(?:[^"\\]|\\.)*"),"2":/.test(line))).toBe(true);
      },
    );
    await fc.assert(property, { numRuns: 60 });
  }, 60_000);
});
