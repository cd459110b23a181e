import { hash } from 'node:crypto';
import fc from 'fast-check';
import { CallBits } from '../../src/verify/call-bits.ts';
import { IdSet } from '../../src/verify/id-set.ts';
import { missingCalls } from '../../src/verify/missing-calls.ts';

const numbers = fc.array(fc.integer({ min: 1, max: 400 }), { maxLength: 500 });
const runs = fc.array(fc.record({ first: fc.integer({ min: 1, max: 400 }), length: fc.integer({ min: 1, max: 60 }) }), {
  maxLength: 8,
});

describe('calls that were met', () => {
  it('are remembered, and those between them are missing, as a set of numbers would tell', () => {
    fc.assert(
      fc.property(numbers, fc.integer({ min: 0, max: 12_000 }), (met, shift) => {
        const bits = new CallBits();
        const set = new Set<number>();
        for (const number of met.map((value) => value + shift)) {
          expect(bits.add(number)).toBe(!set.has(number));
          set.add(number);
        }
        expect(bits.count).toBe(set.size);
        const missing = [...bits.missing(1, 9_000)];
        const listed = missing.flatMap(({ first, last }) =>
          Array.from({ length: last - first + 1 }, (_, i) => first + i),
        );
        expect(listed).toEqual(Array.from({ length: 9_000 }, (_, i) => i + 1).filter((number) => !set.has(number)));
        expect(missing.every(({ first }, index) => index === 0 || first > (missing[index - 1]?.last ?? 0) + 1)).toBe(
          true,
        );
        expect(bits.countBetween(100, 8_000)).toBe([...set].filter((n) => n >= 100 && n <= 8_000).length);
        expect([...set].every((number) => bits.has(number))).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('are missing unless a gap or sampling explains them, whichever gaps overlap', async () => {
    await fc.assert(
      fc.asyncProperty(numbers, runs, fc.constantFrom(1, 0.5, 0), async (met, gaps, samplingRate) => {
        const found = new CallBits();
        for (const number of met) {
          found.add(number);
        }
        const explained = gaps.map(({ first, length }) => ({ first, last: first + length - 1 }));
        const isKept = (n: number) =>
          Number.parseInt(hash('sha256', `w-${n}`).slice(0, 8), 16) / 2 ** 32 < samplingRate;
        const expected = Array.from({ length: 400 }, (_, i) => i + 1).filter(
          (n) =>
            !met.includes(n) &&
            !explained.some(({ first, last }) => n >= first && n <= last) &&
            (samplingRate === 1 || isKept(n)),
        );
        const options = { writer: 'w', found, first: 1, last: 400, explained, samplingRate, abortSignal: undefined };
        const { count, runs: listed, unchecked } = await missingCalls(options);
        expect([count, unchecked]).toEqual([expected.length, 0]);
        const first = listed.flatMap((run) =>
          Array.from({ length: run.last - run.first + 1 }, (_, i) => run.first + i),
        );
        expect(first).toEqual(expected.slice(0, first.length));
      }),
      { numRuns: 100 },
    );
  });

  it('are found in the far end of a sequence at once', () => {
    const bits = new CallBits();
    bits.add(900_000_000_000_000);
    expect(bits.has(900_000_000_000_000)).toBe(true);
    expect(bits.has(900_000_000_000_001)).toBe(false);
    expect([...bits.missing(899_999_999_999_999, 900_000_000_000_001)]).toHaveLength(2);
  });
});

describe('ids that no collector gives', () => {
  it('are new once', () => {
    const ids = new IdSet();
    const names = Array.from({ length: 5_000 }, (_, index) => `user-${index}`);
    expect(names.every((name) => ids.add(name))).toBe(true);
    expect(names.some((name) => ids.add(name))).toBe(false);
  });
});
