import { createHash } from 'node:crypto';
import { currentRequest, isQuiet, runWithRequest } from '@azureml-ts/common';
import { type Insights, type SpilledDocument, setTraceSpill, type TraceSpill } from '../../src/index.ts';
import { Bench, balanced } from '../support.ts';

const LARGE = { input: Array.from({ length: 20_000 }, (_, i) => [i, i / 2]), note: 'é😀'.repeat(2_000) };

/** A store that answers when it is told to. */
class HeldStore implements TraceSpill {
  readonly documents: SpilledDocument[] = [];
  readonly #answers: PromiseWithResolvers<{ url: string }>[] = [];
  readonly signals: AbortSignal[] = [];
  #came = Promise.withResolvers<void>();

  write(document: SpilledDocument, { abortSignal }: { abortSignal: AbortSignal }): Promise<{ url: string }> {
    this.documents.push(document);
    this.signals.push(abortSignal);
    const answer = Promise.withResolvers<{ url: string }>();
    this.#answers.push(answer);
    this.#came.resolve();
    return answer.promise;
  }

  /** Waits until so many documents came. */
  async came(count: number): Promise<void> {
    while (this.documents.length < count) {
      this.#came = Promise.withResolvers();
      await this.#came.promise;
    }
  }

  take(index: number): void {
    this.#answers[index]?.resolve({ url: `https://store.test/${index}.json` });
  }

  refuse(index: number, error: unknown): void {
    this.#answers[index]?.reject(error);
  }
}

describe('long printed values', () => {
  let bench: Bench;
  let store: HeldStore;
  const { log } = console;

  beforeEach(async () => {
    console.log = () => undefined;
    bench = await Bench.open();
    store = new HeldStore();
  });

  afterEach(async () => {
    setTraceSpill(undefined);
    await bench.close();
    console.log = log;
  });

  const contents = () => bench.standIn.items().map(({ properties }) => JSON.parse(properties['Contents'] ?? ''));
  const printLarge = (insights: Insights, value: unknown = LARGE) =>
    insights.trackTrace({ message: 'STDOUT', properties: { Contents: value } });

  it('go to the store whole, and a pointer with hash and preview is sent', async () => {
    const insights = bench.start({ captureConsole: true, spill: store });
    runWithRequest({ requestId: 'rid-1' }, () => console.log(LARGE));
    await store.came(1);
    store.take(0);
    await insights.flush();
    const [document] = store.documents;
    const text = JSON.stringify(LARGE);

    expect(Buffer.from(document?.content ?? []).toString()).toBe(text);
    expect(document).toMatchObject({ contentType: 'application/json', kind: 'print', requestId: 'rid-1' });
    expect(contents()).toEqual([
      {
        $spilled: true,
        url: 'https://store.test/0.json',
        bytes: Buffer.byteLength(text),
        sha256: createHash('sha256').update(text).digest('hex'),
        preview: { input: expect.any(Array), note: expect.any(String) },
      },
    ]);
    expect(bench.standIn.items()[0]?.properties).toMatchObject({ 'Request Id': 'rid-1' });
    expect(bench.standIn.items()[0]?.properties).not.toHaveProperty('truncated');
    expect(balanced(insights)).toMatchObject({ sent: 1, spilled: { written: 1, failed: 0, pending: 0 } });
  });

  it('are written in quiet and outside of the request, and what the store prints is not reported', async () => {
    const seen: unknown[] = [];
    const insights = bench.start({
      captureConsole: true,
      spill: {
        write: async () => {
          await new Promise((resolve) => setImmediate(resolve));
          seen.push(isQuiet(), currentRequest());
          console.log('from the store');
          return { url: 'https://store.test/1' };
        },
      },
    });
    runWithRequest({ requestId: 'rid-1' }, () => printLarge(insights));
    await insights.flush();

    expect(seen).toEqual([true, undefined]);
    expect(balanced(insights)).toMatchObject({ tracked: 1, sent: 1 });
  });

  it('wait for their write while others are sent, and count as pending', async () => {
    const insights = bench.start({ spill: store });
    printLarge(insights);
    insights.trackTrace({ message: 'short' });
    await store.came(1);
    await bench.standIn.waitFor((items) => items.length === 1);

    expect(balanced(insights)).toMatchObject({ tracked: 2, spilled: { pending: 1 } });
    expect(insights.stats().pending).toBeGreaterThan(0);
    store.take(0);
    await insights.close();
    expect(balanced(insights)).toMatchObject({ sent: 2, pending: 0, spilled: { written: 1, pending: 0 } });
  });

  it('become a marked preview when the store refuses them; its reason is told without secrets', async () => {
    const insights = bench.start({ spill: store });
    printLarge(insights);
    printLarge(insights);
    await store.came(2);
    store.refuse(0, new Error('403 at https://a.test/?sig=c2VjcmV0'));
    store.take(1);
    await insights.flush();

    expect(contents()).toEqual([
      {
        $truncated: true,
        $spillFailed: true,
        reason: '403 at https://a.test/?sig=[redacted]',
        bytes: Buffer.byteLength(JSON.stringify(LARGE)),
        preview: { input: expect.any(Array), note: expect.any(String) },
      },
      expect.objectContaining({ $spilled: true }),
    ]);
    expect(balanced(insights)).toMatchObject({ sent: 2, spilled: { written: 1, failed: 1, pending: 0 } });
    expect(insights.stats().lastError).toContain('could not be stored');
    expect(bench.log).toHaveLength(1);
  });

  it.each([
    [
      'throws at once',
      () => {
        throw new Error('no');
      },
    ],
    ['gives no address', async () => ({})],
    ['gives an address without end', async () => ({ url: 'x'.repeat(5_000) })],
  ])('become a preview when the store %s', async (_, write) => {
    const insights = bench.start({ spill: { write: write as never } });
    printLarge(insights);
    await insights.flush();

    expect(contents()).toEqual([expect.objectContaining({ $spillFailed: true })]);
  });

  it('are given up at the end of the time for closing, and their previews still arrive', async () => {
    const insights = bench.start({ spill: store });
    for (let i = 0; i < 6; i++) {
      printLarge(insights, { i, ...LARGE });
    }
    await store.came(4);
    await insights.close({ timeoutMs: 2_000 });

    expect(contents()).toHaveLength(6);
    expect(contents()).toEqual(contents().map(() => expect.objectContaining({ $spillFailed: true })));
    expect(store.documents).toHaveLength(4);
    expect(store.signals.every(({ aborted }) => aborted)).toBe(true);
    expect(balanced(insights)).toMatchObject({ sent: 6, spilled: { written: 0, failed: 6, pending: 0 } });
  });

  it('do not keep a flush longer than asked, and stay pending', async () => {
    const insights = bench.start({ spill: store });
    printLarge(insights);
    await insights.flush({ timeoutMs: 50 });
    expect(balanced(insights)).toMatchObject({ pending: 1, spilled: { pending: 1 } });

    store.take(0);
    await insights.flush();
    expect(contents()).toEqual([expect.objectContaining({ $spilled: true })]);
  });

  it('have bounded room while they wait', async () => {
    const insights = bench.start({ spill: store });
    const text = 'x'.repeat(12 * 1024 * 1024);
    for (let i = 0; i < 3; i++) {
      printLarge(insights, text);
    }
    expect(insights.stats().spilled).toEqual({ written: 0, failed: 1, pending: 2 });

    await store.came(2);
    store.take(0);
    store.take(1);
    await insights.close();
    expect(contents().map(({ $spilled, reason }) => [$spilled, reason])).toEqual([
      [undefined, expect.stringContaining('no room')],
      [true, undefined],
      [true, undefined],
    ]);
  });

  it('of one item are all written before it is sent', async () => {
    const insights = bench.start({ spill: store });
    insights.trackRequest({
      name: 'POST /score',
      startedAt: new Date(),
      durationMs: 1,
      statusCode: 200,
      requestId: 'rid-1',
      input: 'x'.repeat(10_000),
      output: JSON.stringify('y'.repeat(10_000)),
    });
    await store.came(2);
    store.take(1);
    store.refuse(0, new Error('no'));
    await insights.close();

    expect(store.documents.map(({ kind, contentType, content }) => [kind, contentType, content.length])).toEqual([
      ['input', 'application/json', 10_002],
      ['output', 'application/json', 10_002],
    ]);
    const [bodies, again] = bench.standIn.items({ baseType: 'MessageData' });
    expect(again).toBeUndefined();
    expect(balanced(insights)).toMatchObject({ tracked: 2, sent: 2 });
    expect(JSON.parse(bodies?.properties['Input'] ?? '')).toMatchObject({ $spillFailed: true });
    expect(JSON.parse(bodies?.properties['Prediction'] ?? '')).toMatchObject({ $spilled: true });
  });

  it('go to the store that was joined later, unless the telemetry has one of its own', async () => {
    const other = new HeldStore();
    const [joined, own] = [bench.start(), bench.start({ spill: other })];
    printLarge(joined);
    setTraceSpill(store);
    printLarge(joined);
    printLarge(own);
    await store.came(1);
    await other.came(1);
    store.take(0);
    other.take(0);
    await Promise.all([joined.close(), own.close()]);

    expect(contents().filter(({ $spilled }) => $spilled)).toHaveLength(2);
    expect(contents().filter(({ $truncated }) => $truncated)).toHaveLength(1);
  });

  it('keep plain text as plain text', async () => {
    const insights = bench.start({ spill: store });
    printLarge(insights, 'plain '.repeat(5_000));
    await store.came(1);

    expect(store.documents[0]).toMatchObject({ contentType: 'text/plain; charset=utf-8', kind: 'property' });
    store.take(0);
    await insights.flush();
    expect(contents()).toEqual([expect.objectContaining({ preview: expect.stringMatching(/^plain .*characters\]$/) })]);
  });
});
