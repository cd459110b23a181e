import fc from 'fast-check';
import { overlapEnds } from '../../src/webservice/log-overlap.ts';

const letters = (text: string) => [...text];

describe('overlapEnds', () => {
  it.each([
    ['abc', 'bcd', [2]],
    ['bc', 'abcd', [3]],
    ['abc', 'xyz', []],
    ['abc', 'abc', [3]],
    ['aaa', 'aaaa', [4, 3, 2, 1]],
    ['ab', 'abab', [4, 2]],
    ['xab', 'ab', [2]],
    ['xab', '', []],
    ['', 'ab', []],
  ])('of %j in %j is %j', (seen, read, expected) => {
    expect(overlapEnds(letters(seen), letters(read))).toEqual(expected);
  });

  it('finds the same places as comparing everywhere, however much the lines repeat', () => {
    const lines = fc.array(fc.constantFrom('a', 'b'), { maxLength: 14 });
    fc.assert(
      fc.property(lines, lines, (seen, read) => {
        expect(overlapEnds(seen, read)).toEqual(bruteForce(seen, read));
      }),
      { numRuns: 2_000 },
    );
  });

  it('takes time in proportion to the lines, also when all are equal', () => {
    fc.assert(
      fc.property(fc.integer({ min: 4_000, max: 5_000 }), (length) => {
        let comparisons = 0;
        const line = { toString: () => '' } as unknown as string;
        const counted = new Proxy(
          Array.from({ length }, () => line),
          {
            get(target, name, receiver) {
              comparisons += 1;
              return Reflect.get(target, name, receiver);
            },
          },
        );
        overlapEnds(
          counted,
          Array.from({ length }, () => line),
        );
        expect(comparisons).toBeLessThan(20 * length);
      }),
      { numRuns: 3 },
    );
  });
});

function bruteForce(seen: readonly string[], read: readonly string[]): number[] {
  return Array.from(read.keys(), (index) => read.length - index).filter((end) => {
    const compared = Math.min(end, seen.length);
    return compared > 0 && read.slice(end - compared, end).join() === seen.slice(seen.length - compared).join();
  });
}
