import { currentRequest, type RequestContext, runWithRequest } from '@azureml-ts/common';
import fc from 'fast-check';
import { CallNumbers, type Correlations, correlate } from '../../src/collector/correlations.ts';
import { callsOf, pairedInputs, rememberInputs } from '../../src/collector/request-calls.ts';

const scoringTimestamp = '2026-01-02T03:04:05.678Z';
const inputsOf = (number: number): Correlations => ({ correlationId: `w-${number}`, scoringTimestamp });

function inRequest<T>(work: (request: RequestContext) => T): T {
  return runWithRequest({ requestId: 'r' }, () => work(currentRequest() as RequestContext));
}

type Step = { readonly kind: 'inputs' } | { readonly kind: 'other'; readonly side: string; readonly named: number };

/** The rule, as plain as it can be said: which inputs the call of a designation takes. */
class Model {
  count = 0;
  readonly taken = new Map<string, Set<number>>();

  take(side: string, named: number | undefined): number | undefined {
    const taken = this.taken.get(side) ?? new Set<number>();
    this.taken.set(side, taken);
    let index = named ?? 0;
    while (named === undefined && taken.has(index)) {
      index += 1;
    }
    taken.add(index);
    return index < this.count ? index : undefined;
  }
}

describe('calls of a request', () => {
  it('pairs the n-th with the n-th, named ones with those that are named', () => {
    const step = fc.oneof(
      fc.constant<Step>({ kind: 'inputs' }),
      fc.record({
        kind: fc.constant('other' as const),
        side: fc.constantFrom('outputs', 'labels'),
        named: fc.integer({ min: -20, max: 19 }),
      }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        inRequest((request) => {
          const model = new Model();
          const calls = callsOf(request, 'm/1');
          for (const one of steps) {
            if (one.kind === 'inputs') {
              rememberInputs(calls, inputsOf(model.count));
              model.count += 1;
              continue;
            }
            // Below 0, and beyond what there is: no name.
            const named = one.named >= 0 && one.named < model.count ? one.named : undefined;
            const found = pairedInputs(calls, one.side, named === undefined ? undefined : inputsOf(named));
            const index = model.take(one.side, named);
            expect(found?.correlationId).toBe(index === undefined ? undefined : `w-${index}`);
          }
        });
      }),
    );
  });

  it('keeps models apart, and finds the same ones again', () => {
    inRequest((request) => {
      const [one, other] = [callsOf(request, 'one/1'), callsOf(request, 'other/1')];
      rememberInputs(one, inputsOf(1));
      expect(callsOf(request, 'one/1')).toBe(one);
      expect(pairedInputs(other, 'outputs', undefined)).toBeUndefined();
      expect(pairedInputs(one, 'outputs', undefined)?.correlationId).toBe('w-1');
    });
  });

  it('knows nothing of a name from elsewhere', () => {
    inRequest((request) => {
      const calls = callsOf(request, 'm/1');
      rememberInputs(calls, inputsOf(1));
      expect(pairedInputs(calls, 'outputs', inputsOf(7))).toBeUndefined();
      expect(pairedInputs(calls, 'outputs', undefined)?.correlationId).toBe('w-1');
    });
  });

  it('remembers 10,000 of a request that never ends', () => {
    inRequest((request) => {
      const calls = callsOf(request, 'm/1');
      for (let number = 0; number < 10_010; number += 1) {
        rememberInputs(calls, inputsOf(number));
      }
      expect(calls.inputs).toHaveLength(10_000);
      expect(pairedInputs(calls, 'outputs', inputsOf(9_999))?.correlationId).toBe('w-9999');
      expect(pairedInputs(calls, 'outputs', inputsOf(10_001))).toBeUndefined();
    });
  });

  it('checks again what is tied to values from outside, and only that', () => {
    const place = { model: 'm/1', designation: 'inputs' };
    const numbers = new CallNumbers();
    const tie = (designation: string, given: Parameters<typeof correlate>[2] = {}) =>
      correlate({ ...place, designation }, numbers, given, scoringTimestamp);
    inRequest(() => {
      const own = tie('inputs');
      const output = tie('outputs');
      expect([own.isFromOutside, output.isFromOutside]).toEqual([false, false]);
      expect(output.correlations).toBe(own.correlations);
      expect(Object.isFrozen(own.correlations)).toBe(true);
      // Its id cannot be stored: the outputs that belong to it have to be refused too.
      expect(tie('inputs', { correlations: { correlationId: 'a\nb', scoringTimestamp } }).isFromOutside).toBe(true);
      const second = tie('outputs');
      expect(second).toMatchObject({ isFromOutside: true, correlations: { correlationId: 'a\nb' } });
    });
  });
});

describe('ids of calls', () => {
  it('are the writer and the number, in any order that they are asked for', () => {
    const numbers = new CallNumbers();
    const expected = (number: number) => `${numbers.writer}-${number}`;
    for (const number of [1, 9, 10, 99, 100, 101, 110, 199, 200, 100, 5, 999, 1000, 123_456_789, 2 ** 40 + 7]) {
      expect(numbers.idOf(number)).toBe(expected(number));
    }
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 50 }), (number) => {
        expect(numbers.idOf(number)).toBe(expected(number));
      }),
    );
    expect([numbers.next(), numbers.next()]).toEqual([expected(1), expected(2)]);
  });
});
