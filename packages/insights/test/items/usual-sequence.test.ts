import fc from 'fast-check';
import { ItemContext } from '../../src/context.ts';
import type { TelemetryItem } from '../../src/items/envelope.ts';
import { ItemFactory } from '../../src/items/item-factory.ts';
import { Redaction } from '../../src/items/redaction.ts';
import { createSampler } from '../../src/sampling.ts';
import { ItemQueue } from '../../src/sender/queue.ts';
import type { RequestTelemetry } from '../../src/types.ts';
import { NOW, requests } from './request-samples.ts';

const BOUNDS = { maxItems: 10_000, maxBytes: 64 * 1024 * 1024 };

/** What is sent in the name of one of several clients of a process. */
class Client {
  /** How many items were copies. */
  copies = 0;
  readonly #factory: ItemFactory;
  readonly #queue = new ItemQueue(BOUNDS, BOUNDS);
  #now = NOW;

  constructor(key: string, serviceName: string, rate: number) {
    this.#factory = new ItemFactory({
      instrumentationKey: key,
      context: new ItemContext({ serviceName, workspaceName: '"w"', containerId: 'c-1', modelNames: ['m:1'] }, {}),
      sampler: createSampler(rate),
      redaction: new Redaction(undefined, () => undefined),
      now: () => this.#now,
    });
  }

  /** @param mayCopy Whether a request of the usual form is made as one. */
  track(request: RequestTelemetry, now: number, mayCopy: boolean): void {
    this.#now = now;
    const usual = mayCopy ? this.#factory.usual(request) : undefined;
    this.copies += usual === undefined ? 0 : 1;
    for (const item of usual === undefined ? this.#long(request) : this.#factory.usualItems(usual, true)) {
      expect(item === undefined || this.#queue.add(item)).toBe(true);
    }
  }

  /** A line between two requests. */
  print(text: string, now: number): void {
    this.#now = now;
    const item = this.#factory.printed({ stream: 'STDOUT', severity: 'Information', values: [text] });
    expect(item === undefined || this.#queue.add(item)).toBe(true);
  }

  /** What would be sent. */
  body(): string {
    return this.#queue.takeBatch(BOUNDS).body().toString('utf8');
  }

  #long(request: RequestTelemetry): (TelemetryItem | undefined)[] {
    const call = this.#factory.callOf(request);
    const hasBodies = (request.input ?? request.output) !== undefined;
    return [this.#factory.request(call, request), ...(hasBodies ? [this.#factory.bodies(call, request)] : [])];
  }
}

/** A few kinds that come in turn, so that their templates are used, each time with other ids, times and bodies. */
const sequences = fc
  .tuple(fc.array(requests, { minLength: 1, maxLength: 3 }), fc.array(requests, { minLength: 4, maxLength: 24 }))
  .map(([kinds, all]) => all.map((request, index) => ofKind(kinds[index % kinds.length] ?? request, request)));

function ofKind(kind: RequestTelemetry, request: RequestTelemetry): RequestTelemetry {
  const { name, url, statusCode, success, parentSpanId } = kind;
  const where = (key: 'clientRequestId' | 'input' | 'output') =>
    kind[key] === undefined ? undefined : (request[key] ?? '');
  const clientRequestId = where('clientRequestId');
  return {
    ...request,
    ...{ name, url, statusCode, success, parentSpanId, input: where('input'), output: where('output') },
    // As those of a server, the ids have one length.
    requestId: (request.requestId ?? '').padEnd(40, '_').slice(0, 40),
    clientRequestId: clientRequestId?.padEnd(40, '_').slice(0, 40),
  };
}

describe('requests one after the other', () => {
  it('are the same bytes as when each is made the long way, with two clients in a process and a clock that is set back', () => {
    let copies = 0;
    fc.assert(
      fc.property(sequences, fc.array(fc.integer({ min: -5000, max: 5000 }), { minLength: 1 }), (all, steps) => {
        const clients = [true, false].map((mayCopy) => {
          const one = new Client('00000000-1111-2222-3333-444444444444', 'svc', 1);
          const other = new Client('99999999-1111-2222-3333-444444444444', 'svc "2" \ud800', 0.7);
          let now = NOW;
          for (const [index, request] of all.entries()) {
            now += steps[index % steps.length] ?? 0;
            one.track(request, now, mayCopy);
            other.track(request, now + 1, mayCopy);
            one.print(request.name, now);
          }
          return { one, other };
        });
        const [short, long] = clients;
        expect(short?.one.body()).toBe(long?.one.body());
        expect(short?.other.body()).toBe(long?.other.body());
        copies += short?.one.copies ?? 0;
      }),
    );
    // Else it says nothing.
    expect(copies).toBeGreaterThan(200);
  });
});
