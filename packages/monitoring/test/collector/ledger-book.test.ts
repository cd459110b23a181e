import fc from 'fast-check';
import { LedgerBook } from '../../src/collector/ledger-book.ts';

describe('LedgerBook', () => {
  it('keeps an account for each day', () => {
    const book = new LedgerBook();
    book.of('2026-03-04').collected += 2;
    book.of('2026-03-05').collected += 1;
    book.of('2026-03-04').stored += 1;
    expect(book.all().map(({ day, collected, stored, pending }) => [day, collected, stored, pending])).toEqual([
      ['2026-03-04', 2, 1, 1],
      ['2026-03-05', 1, 0, 1],
    ]);
  });

  it('puts calls that were dropped one after the other for one reason into one run', () => {
    const account = new LedgerBook().of('2026-03-04');
    account.refuse('bufferFull', 2, 5);
    account.refuse('bufferFull', 1, 6);
    account.refuse('invalid', 1, 7);
    account.refuse('bufferFull', 4, 9);
    account.refuse('sampled', 1, 10);
    account.refuse('invalid', 1, 0);
    expect(account.gaps).toEqual([
      { reason: 'bufferFull', first: 5, last: 6, rows: 3 },
      { reason: 'invalid', first: 7, last: 7, rows: 1 },
      { reason: 'bufferFull', first: 9, last: 9, rows: 4 },
    ]);
    expect(account.dropped).toEqual({ bufferFull: 7, invalid: 2, sampled: 1 });
  });

  it('counts the runs that it does not list, and loses no row', () => {
    const account = new LedgerBook().of('2026-03-04');
    for (let call = 1; call <= 3_000; call += 2) {
      account.refuse('invalid', 1, call);
    }
    expect(account.gaps).toHaveLength(1_000);
    expect(account.moreGaps).toBe(500);
    expect(account.dropped.invalid).toBe(1_500);
  });

  it('has as many rows in its runs as were dropped with a number of their own', () => {
    const refusals = fc.array(
      fc.record({
        reason: fc.constantFrom('bufferFull', 'invalid', 'failed'),
        rows: fc.integer({ min: 1, max: 9 }),
        skip: fc.nat(2),
      }),
    );
    fc.assert(
      fc.property(refusals, (list) => {
        const account = new LedgerBook().of('2026-03-04');
        let call = 0;
        for (const { reason, rows, skip } of list) {
          call += 1 + skip;
          account.refuse(reason as 'invalid', rows, call);
        }
        const rows = list.reduce((sum, refusal) => sum + refusal.rows, 0);
        expect(account.gaps.reduce((sum, gap) => sum + gap.rows, 0)).toBe(rows);
        expect(account.pending).toBe(0);
        for (const [index, gap] of account.gaps.entries()) {
          expect(gap.first).toBeGreaterThan(account.gaps[index - 1]?.last ?? 0);
        }
      }),
    );
  });
});
