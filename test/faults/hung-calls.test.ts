import { newFolder } from './support/folders.ts';
import { expectOnce } from './support/law.ts';
import { openPlan, type PlannedCollector } from './support/plan.ts';
import './support/quiet.ts';
import { type Network, startSinks } from './support/sinks.ts';
import { countUp } from './support/stored-rows.ts';
import { hold, type TappedRequest } from './support/tap.ts';
import { NETWORK_KINDS, type SinkKind, type TestSink } from './support/test-sink.ts';

const here = startSinks();
let test = 0;
let sink: TestSink;
let network: Network;

function prepare(kind: SinkKind): void {
  test += 1;
  here.reset();
  sink = here.open(kind, `hung ${test}`, 'through the network');
  network = here.network(kind);
}

function collector(): PlannedCollector {
  return openPlan(sink.plan(['x', 'y'], { journal: { directory: newFolder() }, flushIntervalMs: 60_000 }));
}

function give(to: PlannedCollector, count: number, first = 0): void {
  to.giveEach(countUp(count, first).map((x) => [x, 'a']));
}

/** Does something at the next request that writes; among records, which take a request each, in the middle of a batch. */
function atNextWrite(fate: ReturnType<Network['tap']['decide']>): void {
  const meant = sink.kind === 'sidecar' ? 3 : 1;
  let writes = 0;
  network.tap.decide = ({ write }) => {
    writes += write > 0 ? 1 : 0;
    return write > 0 && writes === meant ? fate : undefined;
  };
}

describe.each(NETWORK_KINDS)('a call to %s that hangs', (kind) => {
  /** Whoever gives up on an answer cannot know that the record was taken. */
  const again = kind === 'sidecar' ? 1 : 0;
  beforeEach(() => prepare(kind));

  it('is ended by the time limit of flush and of close, and its rows are stored once afterwards', async () => {
    const inputs = collector();
    give(inputs, 5);
    await inputs.flush();
    const hung = hold();
    atNextWrite({ before: hung.wait, request: 'lost' });
    give(inputs, 5, 5);
    await expect(inputs.flush({ timeoutMs: 200 })).rejects.toMatchObject({ code: 'FLUSH_FAILED', keptRows: 5 });
    await hung.reached;
    hung.release();
    await sink.forgetDead();
    await inputs.flush();
    await expectOnce(sink, 10);
    network.proxy.inject({ kind: 'hang' });
    give(inputs, 5, 10);
    await expect(inputs.close({ timeoutMs: 200 })).rejects.toMatchObject({ keptRows: 5, lostRows: 0 });
  });

  it('is ended by an abort, also when the store has done the work: the rows are there once', async () => {
    const inputs = collector();
    give(inputs, 5);
    await inputs.flush();
    const controller = new AbortController();
    const release = Promise.withResolvers<void>();
    atNextWrite({
      after: () => {
        controller.abort(new Error('enough'));
        return release.promise;
      },
    });
    give(inputs, 5, 5);
    await expect(inputs.flush({ abortSignal: controller.signal })).rejects.toMatchObject({ keptRows: 5 });
    release.resolve();
    await inputs.flush();
    await inputs.close();
    await expectOnce(sink, 10, { again });
    expect(inputs.stats()).toMatchObject({ collected: 10, stored: 10, pending: 0 });
  });

  it('cannot add its rows when it arrives late, after they were sent again', async () => {
    const inputs = collector();
    give(inputs, 5);
    await inputs.flush();
    // The first copy is on its way for longer than anybody waits for it.
    const arrives = Promise.withResolvers<void>();
    const late = Promise.withResolvers<void>();
    atNextWrite({ before: () => arrives.promise, after: () => late.resolve() });
    give(inputs, 5, 5);
    await expect(inputs.flush({ timeoutMs: 200 })).rejects.toMatchObject({ keptRows: 5 });
    await inputs.flush();
    arrives.resolve();
    await late.promise;
    give(inputs, 5, 10);
    await inputs.flush();
    await inputs.close();
    // The sidecar gets the late copy: under the same id, but not in its place.
    await expectOnce(sink, 15, { again, isByFile: again > 0 });
  });
});

describe('a call that nobody limits', () => {
  it('is ended after its own time limit, and tried again', async () => {
    here.reset();
    const hangs = (['sidecar', 'append blobs'] as const).map((kind) => here.network(kind).tap);
    const hung = new Set<string>();
    for (const tap of hangs) {
      // The first write of each.
      tap.decide = ({ write, path }) => {
        if (write === 0 || hung.has(path)) {
          return undefined;
        }
        hung.add(path);
        return { before: () => new Promise(() => undefined) };
      };
    }
    // At the same time: it is half a minute for each.
    await Promise.all(
      NETWORK_KINDS.map(async (kind) => {
        const own = here.open(kind, `unlimited ${kind}`, 'through the network');
        const plan = own.plan(['x', 'y'], { journal: { directory: newFolder() }, flushIntervalMs: 60_000 });
        const inputs = openPlan(plan);
        give(inputs, 5);
        await inputs.flush({ timeoutMs: Number.POSITIVE_INFINITY });
        await inputs.close();
        await expectOnce(own, 5);
      }),
    );
    expect(hung.size).toBe(NETWORK_KINDS.length);
  });
});

describe.each(NETWORK_KINDS)('an answer of %s that breaks off', (kind) => {
  const isWrite = ({ write }: TappedRequest) => write > 0;
  const isLook = ({ method }: TappedRequest) => method === 'HEAD' || method === 'GET';
  /** Not in step with the requests that one try makes. */
  const BROKEN = new Set([1, 2, 4, 9, 11, 12, 16]);
  beforeEach(() => prepare(kind));

  const MEANT: readonly (readonly [what: string, isMeant: (request: TappedRequest) => boolean])[] = [
    ['to a write', isWrite],
    ['to a look at the blob', isLook],
    ['to either of them', (request) => isWrite(request) || isLook(request)],
  ];

  // Nobody looks at a sidecar.
  it.each(kind === 'sidecar' ? MEANT.slice(0, 1) : MEANT)(
    '%s does not store rows twice or leave them out',
    async (_, isMeant) => {
      const inputs = collector();
      let answers = 0;
      network.tap.decide = (request) => {
        answers += isMeant(request) ? 1 : 0;
        return isMeant(request) && BROKEN.has(answers) ? { answer: 'half' } : undefined;
      };
      for (let chunk = 0; chunk < 4; chunk += 1) {
        give(inputs, 5, chunk * 5);
        await inputs.flush();
      }
      await inputs.close();
      expect(answers).toBeGreaterThan(2);
      await expectOnce(sink, 20, { again: kind === 'sidecar' ? BROKEN.size : 0 });
    },
  );
});
