import fc from 'fast-check';
import { BlockBudget } from '../../src/engine/block-budget.ts';

const DAY_MS = 86_400_000;
const LIMIT = 50_000;

describe('BlockBudget', () => {
  it('asks for nothing while nothing is known, and for nothing that one writer with the defaults would notice', () => {
    const budget = new BlockBudget();
    expect(budget.leastIntervalMs(0)).toBe(0);
    budget.learn({ used: 1, limit: LIMIT });
    expect(budget.leastIntervalMs(0)).toBeLessThan(3_000);
  });

  it('stretches when blocks go faster than the day, and stops at a quarter of an hour', () => {
    const budget = new BlockBudget();
    budget.learn({ used: 49_000, limit: LIMIT });
    expect(budget.leastIntervalMs(DAY_MS / 2)).toBeCloseTo(DAY_MS / 2 / 800, 0);
    budget.learn({ used: LIMIT, limit: LIMIT });
    expect(budget.leastIntervalMs(0)).toBe(900_000);
  });

  it('begins anew with a new file', () => {
    const budget = new BlockBudget();
    budget.learn({ used: 49_999, limit: LIMIT });
    budget.learn({ used: 1, limit: LIMIT });
    expect(budget.leastIntervalMs(0)).toBeLessThan(3_000);
  });

  it('lets the blocks of a day last for any number of writers that flush as often as they may', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 10, max: 20_000 }), (writers, flushIntervalMs) => {
        let used = 0;
        const all = Array.from({ length: writers }, (_, index) => ({
          budget: new BlockBudget(),
          next: (index / writers) * flushIntervalMs,
        }));
        for (;;) {
          const writer = all.reduce((first, other) => (other.next < first.next ? other : first));
          if (writer.next >= DAY_MS || used >= LIMIT) {
            break;
          }
          used += 1;
          writer.budget.learn({ used, limit: LIMIT });
          writer.next += Math.max(flushIntervalMs, writer.budget.leastIntervalMs(writer.next));
        }
        expect(used).toBeLessThan(LIMIT);
      }),
      { numRuns: 25 },
    );
  });
});
