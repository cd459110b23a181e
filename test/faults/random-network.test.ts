import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { expectBalance } from './support/balance.ts';
import { newFolder } from './support/folders.ts';
import { expectOnce } from './support/law.ts';
import { openPlan } from './support/plan.ts';
import './support/quiet.ts';
import { startSinks } from './support/sinks.ts';
import { NETWORK_KINDS } from './support/test-sink.ts';

const EFFECTS = {
  busy: { kind: 'answer', status: 503, errorCode: 'ServerBusy' },
  delay: { kind: 'delay', delayMs: 5 },
  loseAnswer: { kind: 'loseAnswer' },
  cut: { kind: 'cut' },
} as const;

describe('every row that is not dropped is stored once', () => {
  const here = startSinks();
  let test = 0;

  const fault = fc.record({
    kind: fc.constantFrom('loseAnswer' as const, 'cut' as const, 'busy' as const, 'delay' as const),
    probability: fc.double({ min: 0.05, max: 0.4, noNaN: true }),
    seed: fc.nat(1_000_000),
  });

  it('behind a network with random faults, whatever the sink', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fault, { minLength: 1, maxLength: 3 }),
        fc.constantFrom(...NETWORK_KINDS),
        fc.boolean(),
        fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 3, maxLength: 12 }),
        async (faults, kind, hasJournal, calls) => {
          test += 1;
          here.reset();
          const { proxy } = here.network(kind);
          const sink = here.open(kind, `random ${test}`, 'through the network');
          const injected = faults.map(({ kind: effect, probability, seed }) =>
            proxy.inject({ ...EFFECTS[effect], probability, seed }),
          );
          const collector = openPlan(
            sink.plan(['x', 'y'], {
              journal: hasJournal && { directory: newFolder() },
              maxBatchBytes: 8_000,
              flushIntervalMs: 10,
            }),
          );
          let number = 0;
          for (const count of calls) {
            collector.give(...Array.from({ length: count }, () => [number++, 'a']));
            await setImmediate();
            expectBalance(collector.stats());
          }
          await collector.flush({ timeoutMs: 1_000 }).catch(() => undefined);
          expectBalance(collector.stats());
          const lostAnswers = injected.reduce((sum, { fault: { kind: effect }, hits }) => {
            return sum + (effect === 'loseAnswer' ? hits : 0);
          }, 0);
          proxy.clear();
          // Leases whose end was lost.
          await sink.forgetDead();
          await collector.flush();
          await collector.close();
          const given = 'rows' in sink.plan([]) ? number : calls.length;
          expect(collector.stats()).toMatchObject({ collected: given, stored: given, pending: 0 });
          // The flush that was given up is one more whose answer nobody has seen.
          await expectOnce(sink, number, { again: kind === 'sidecar' ? lostAnswers + 1 : 0 });
        },
      ),
      { numRuns: 20, endOnFailure: true },
    );
  });
});
