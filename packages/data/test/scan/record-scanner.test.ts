import { CsvScanner, encodeRow } from '@azureml-ts/monitoring/format';
import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import fc from 'fast-check';
import { RecordScanner, type ScannerOptions } from '../../src/scan/record-scanner.ts';

const text = fc.string({ unit: fc.constantFrom('a', 'é', '😀', ',', '"', '\n', '\r', ' ', '0', '\u2028') });
const cuts = fc.array(fc.nat(32), { maxLength: 30 });
/** Windows that are smaller than most records, and the usual one. */
const windows = fc.constantFrom(4, 16, 64, 32_768);

function* piecesOf(bytes: Uint8Array, at: readonly number[]): Generator<Uint8Array> {
  let from = 0;
  for (const length of at) {
    yield bytes.subarray(from, from + length);
    from += length;
  }
  yield bytes.subarray(from);
}

interface Scanned {
  readonly records: string[][];
  readonly offsets: number[];
  readonly rest: string;
}

function scan(bytes: Uint8Array, at: readonly number[] = [], options: ScannerOptions = {}): Scanned {
  const scanner = new RecordScanner(options);
  const records: string[][] = [];
  const offsets: number[] = [];
  const take = (blocks: ReturnType<RecordScanner['push']>) => {
    for (const block of blocks) {
      for (let record = 0; record < block.count; record += 1) {
        records.push(block.texts(record));
        offsets.push(block.offsetOf(record));
      }
    }
  };
  for (const piece of piecesOf(bytes, at)) {
    take(scanner.push(piece));
  }
  take(scanner.end());
  return { records, offsets, rest: scanner.rest.bytes.toString() };
}

describe('the records of a file', () => {
  it('are what the collector wrote and what csv-parse reads, however the bytes are cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(text, { minLength: 2, maxLength: 5 }), { maxLength: 8 }),
        cuts,
        windows,
        (rows, at, windowBytes) => {
          const bytes = Buffer.from(rows.map(encodeRow).join(''));
          const { records, offsets, rest } = scan(bytes, at, { windowBytes });
          expect(records).toEqual(rows);
          expect(records).toEqual(parse(bytes, { record_delimiter: '\n', relax_column_count: true }));
          expect(rest).toBe('');
          // Each record begins where the one before it ends.
          const lengths = rows.map((row) => Buffer.byteLength(encodeRow(row)));
          expect(offsets).toEqual(lengths.map((_, index) => lengths.slice(0, index).reduce((a, b) => a + b, 0)));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('are what csv-stringify wrote with CRLF and quotes everywhere', () => {
    const rows = fc.array(fc.array(text, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(rows, cuts, windows, (given, at, windowBytes) => {
        const written = stringify(given, { record_delimiter: '\r\n', quoted: true });
        expect(scan(Buffer.from(`\ufeff${written}`), at, { windowBytes }).records).toEqual(given);
      }),
    );
  });

  it('are read as the small scanner of the collector does, whatever the bytes are', () => {
    const wild = fc.string({ unit: fc.constantFrom('"', '"', ',', '\n', '\r', 'a', 'é'), maxLength: 40 });
    fc.assert(
      fc.property(wild, cuts, windows, (source, at, windowBytes) => {
        const bytes = Buffer.from(source);
        expect(scan(bytes, at, { windowBytes }).records).toEqual(new CsvScanner().push(bytes));
      }),
      { numRuns: 3000 },
    );
  });

  it('may hold bytes that are no UTF-8: they become U+FFFD, and nothing else changes', () => {
    const bytes = Buffer.concat([Buffer.from('a,'), Buffer.from([0xff, 0xc3]), Buffer.from(',b\n"\n')]);
    expect(scan(bytes)).toMatchObject({ records: [['a', '\ufffd\ufffd', 'b']], rest: '"\n' });
  });

  it('end before a record that has no line end yet, or a quote that is open', () => {
    const whole = Buffer.from('a,b\n"c\nd",e\n');
    for (let length = 0; length < whole.length; length += 1) {
      const { records, rest } = scan(whole.subarray(0, length), [3]);
      expect(records).toEqual(length < 4 ? [] : [['a', 'b']]);
      expect(rest).toBe(whole.toString('utf8', length < 4 ? 0 : 4, length));
    }
  });

  it('may be long: each byte is looked at a few times at most', () => {
    const long = 'x'.repeat(2_000_000);
    const bytes = Buffer.from(`a,"${long}\n"\nb,c\n`);
    const copied = jest.spyOn(Buffer.prototype, 'copyWithin');
    try {
      const at = Array.from({ length: Math.floor(bytes.length / 1000) }, () => 1000);
      expect(scan(bytes, at).records.map((record) => record[1]?.length)).toEqual([long.length + 1, 1]);
      expect(copied.mock.calls.length).toBeLessThan(200);
    } finally {
      copied.mockRestore();
    }
  });

  it('have places for as many cells as are asked for, and the count of all', () => {
    const scanner = new RecordScanner({ windowBytes: 200_000 });
    scanner.width = 2;
    const [block] = [...scanner.push(Buffer.from(`${','.repeat(100_000)}\n1,2\n`))];
    expect([...(block?.widths.subarray(0, 2) ?? [])]).toEqual([100_001, 2]);
    expect(block?.texts(0)).toHaveLength(3);
    expect(block?.texts(1)).toEqual(['1', '2']);
  });
});

describe('a record that is longer than any may be', () => {
  const limits = { maxRecordBytes: 64, windowBytes: 16 };

  it('is told of, and the scanner goes on behind the last line end that it has', () => {
    const scanner = new RecordScanner(limits);
    const seen: unknown[] = [];
    for (const block of scanner.push(Buffer.from(`1,2\n3,"${'x\n'.repeat(40)}y\n5,6\n`))) {
      seen.push(block.isTooLong ? `too long at ${block.offset}` : block.texts(0));
    }
    expect(seen.slice(0, 2)).toEqual([['1', '2'], 'too long at 4']);
    expect(seen.at(-1)).toEqual(['y']);
    expect([...scanner.push(Buffer.from('7,8\n'))].map((block) => block.texts(block.count - 1)).at(-1)).toEqual([
      '7',
      '8',
    ]);
  });

  it('takes no memory when it has no line end at all: it is passed over to the next one', () => {
    const scanner = new RecordScanner(limits);
    let tooLong = 0;
    for (let piece = 0; piece < 1000; piece += 1) {
      for (const block of scanner.push(Buffer.alloc(50, 'x'))) {
        tooLong += block.isTooLong ? 1 : 0;
      }
    }
    expect(tooLong).toBe(1);
    expect(scanner.rest.bytes.length).toBeLessThan(200);
    const last = [...scanner.push(Buffer.from('x\n1,2\n')), ...scanner.end()].map((block) => block.texts(0));
    expect(last).toEqual([['1', '2']]);
    expect(scanner.position).toBe(1000 * 50 + 6);
  });
});
