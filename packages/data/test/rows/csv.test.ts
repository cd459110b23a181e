import { CsvScanner, encodeRow } from '@azureml-ts/monitoring/format';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { readRecords } from '../../src/rows/read-records.ts';
import { all } from '../support/stream.ts';

const text = fc.string({ unit: fc.constantFrom('a', 'é', '😀', ',', '"', '\n', '\r', ' ', '0', '\u2028') });
// A day to come: unfinished records are usual there.
const file = { path: 'data.csv', day: '9999-01-01' };

async function* pieces(bytes: Uint8Array, cuts: readonly number[]): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (const cut of cuts) {
    yield bytes.subarray(at, at + cut);
    at += cut;
  }
  yield bytes.subarray(at);
}

describe('the records of a file', () => {
  it('are what the collector wrote and what csv-parse reads, however the bytes are cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(text, { minLength: 2, maxLength: 5 }), { maxLength: 8 }),
        fc.array(fc.nat(32), { maxLength: 30 }),
        async (rows, cuts) => {
          const bytes = Buffer.from(rows.map(encodeRow).join(''));
          const records = (await all(readRecords(pieces(bytes, cuts), file))).flat();
          expect(records).toEqual(rows);
          expect(records).toEqual(parse(bytes, { record_delimiter: '\n', relax_column_count: true }));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('end before a record that has no line end yet', async () => {
    const whole = Buffer.from('a,b\n"c\nd",e\n');
    for (let length = 0; length < whole.length; length += 1) {
      const records = (await all(readRecords(pieces(whole.subarray(0, length), [3]), file))).flat();
      expect(records).toEqual(length < 4 ? [] : [['a', 'b']]);
    }
  });

  it('may be long: what the scanner has to start again with doubles, so the work stays linear', async () => {
    const long = 'x'.repeat(2_000_000);
    const bytes = Buffer.from(`a,"${long}\n"\nb,c\n`);
    const cuts = Array.from({ length: Math.floor(bytes.length / 1000) }, () => 1000);
    const push = jest.spyOn(CsvScanner.prototype, 'push');
    try {
      const records = (await all(readRecords(pieces(bytes, cuts), file))).flat();
      expect(records.map((record) => record[1]?.length)).toEqual([long.length + 1, 1]);
      expect(push.mock.calls.length).toBeLessThan(20);
    } finally {
      push.mockRestore();
    }
  });

  it('end with an error when a quote that nobody closes would swallow the rest of a large file', async () => {
    async function* endless(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('a,"');
      for (const piece = Buffer.alloc(8_388_608, 'x'); ; ) {
        yield piece;
      }
    }
    await expect(all(readRecords(endless(), file))).rejects.toMatchObject({ code: 'CSV_RECORD_TOO_LONG' });
  });
});
