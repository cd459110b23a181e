import { BlobServiceClient } from '@azure/storage-blob';
import { BlobSink } from '../../src/sinks/blob-sink.ts';
import { BlobStore } from './blob-store.ts';
import { batchOf, Kept, storeAll, streamOf, until, valuesOf } from './give.ts';

const store = BlobStore.inThisFile();

describe.each(['append', 'block'] as const)('faults at %s blobs', (blobType) => {
  const writes = blobType === 'append' ? 'comp=appendblock' : 'comp=blocklist';

  it('finds the batch whose lost append took the last block', async () => {
    const options = { blobType, maxBlocks: 3 };
    const sink = store.open(options);
    await storeAll(sink, blobType === 'append' ? [store.batch('0'), store.batch('1')] : [store.batch('1')]);
    store.proxy.inject({ kind: 'loseAnswer', query: writes, method: 'PUT', times: 1 });
    store.proxy.inject({ kind: 'cut', method: blobType === 'append' ? 'HEAD' : 'GET', times: 1 });
    const kept = new Kept(store.batch('last'));
    await expect(kept.give(sink)).rejects.toThrow();
    await kept.give(store.open(options));
    await store.give(store.open(options), 'next');
    expect((await store.stored()).at(-1)).toBe('last');
    expect(await store.stored('data-2.csv')).toEqual(['next']);
  });

  it('uses a container that it may not make', async () => {
    store.proxy.inject({ kind: 'answer', status: 403, errorCode: 'AuthorizationFailure', query: 'restype=container' });
    await store.give(store.open({ blobType }), '1');
    expect(await store.stored()).toEqual(['1']);
  });

  it('says what to do when the container is missing and it may not make it', async () => {
    store.proxy.inject({ kind: 'answer', status: 403, errorCode: 'AuthorizationFailure', query: 'restype=container' });
    const client = BlobServiceClient.fromConnectionString(store.proxy.connectionString).getContainerClient(
      `absent-${store.tests}`,
    );
    await expect(store.give(new BlobSink({ containerClient: client }, { blobType }), '1')).rejects.toMatchObject({
      code: 'CONTAINER_MISSING',
      statusCode: 403,
    });
  });

  it('makes a container that was deleted meanwhile', async () => {
    const containerClient = BlobServiceClient.fromConnectionString(store.proxy.connectionString).getContainerClient(
      `temporary-${store.tests}`,
    );
    const sink = new BlobSink({ containerClient }, { blobType });
    await store.give(sink, '1');
    await containerClient.delete();
    await store.give(sink, '2');
    expect(valuesOf((await containerClient.getBlobClient(store.path()).downloadToBuffer()).toString())).toEqual(['2']);
  });

  it.each([
    [429, 'TooManyRequests'],
    [503, 'ServerBusy'],
  ])(
    'hands on the wait that the service asks for with a %d, and sends nothing meanwhile',
    async (status, errorCode) => {
      const sink = store.open({ blobType });
      await store.give(sink, '1');
      store.proxy.inject({
        kind: 'answer',
        status,
        errorCode,
        query: writes,
        method: 'PUT',
        times: 1,
        headers: { 'retry-after': '7' },
      });
      const kept = new Kept(store.batch('2'));
      const error = await kept.give(sink).catch((caught: unknown) => caught);
      expect(error).toMatchObject({ statusCode: status, code: errorCode });
      expect(
        (error as { response: { headers: { get(name: string): string } } }).response.headers.get('retry-after'),
      ).toBe('7');
      expect(store.proxy.requests().at(-1)?.status).toBe(status);
      await kept.give(sink);
      expect(await store.stored()).toEqual(['1', '2']);
    },
  );

  it.each([400, 401, 403, 413])('stores a batch later that was refused with %d', async (status) => {
    const sink = store.open({ blobType });
    await store.give(sink, '1');
    store.proxy.inject({ kind: 'answer', status, errorCode: 'SomeRefusal', query: writes, method: 'PUT', times: 1 });
    const kept = new Kept(store.batch('2'));
    await expect(kept.give(sink)).rejects.toMatchObject({ statusCode: status });
    await kept.give(sink);
    expect(await store.stored()).toEqual(['1', '2']);
  });

  it.each(['loseAnswer', 'cut'] as const)('looks at once what became of a single lost answer (%s)', async (kind) => {
    const sink = store.open({ blobType });
    await store.give(sink, '1');
    store.proxy.inject({ kind, query: writes, method: 'PUT', times: 1 });
    await store.give(sink, '2');
    expect(store.proxy.hits()).toBe(1);
    expect(await store.stored()).toEqual(['1', '2']);
  });

  it.each([500, 503, 408])('takes a %d for no answer, and looks before it sends again', async (status) => {
    const sink = store.open({ blobType });
    await store.give(sink, '1');
    store.proxy.inject({ kind: 'answer', status, query: writes, method: 'PUT', times: 1 });
    const kept = new Kept(store.batch('2'));
    await expect(kept.give(sink)).rejects.toMatchObject({ statusCode: status });
    // The service had begun the work all the same, and ends it now.
    const late = new Kept(kept.batch);
    late.intent = kept.intent;
    await late.give(store.openDirect({ blobType }));
    store.proxy.clear();
    await kept.give(sink);
    expect(store.proxy.requests().filter(({ method }) => method === 'PUT')).toEqual([]);
    expect(await store.stored()).toEqual(['1', '2']);
  });

  it('stores a batch once when a first copy arrives just before the second', async () => {
    const sink = store.open({ blobType });
    await store.give(sink, '1');
    store.proxy.inject({ kind: 'cut', query: writes, method: 'PUT', times: 2 });
    const kept = new Kept(store.batch('2'));
    await expect(kept.give(sink)).rejects.toThrow();
    const first = new Kept(kept.batch);
    first.intent = kept.intent;
    await sink.append(kept.batch, {
      abortSignal: new AbortController().signal,
      intent: kept.intent,
      // Where the first copy would go is where the second one goes.
      intend: async (intent) => {
        expect(intent).toEqual(kept.intent);
        await first.give(store.openDirect({ blobType }));
      },
    });
    expect(await store.stored()).toEqual(['1', '2']);
  });

  it('goes behind another writer who gets in between', async () => {
    const sink = store.open({ blobType });
    await store.give(sink, '1');
    let isFirst = true;
    await sink.append(store.batch('3'), {
      abortSignal: new AbortController().signal,
      intent: undefined,
      intend: async () => {
        if (isFirst) {
          isFirst = false;
          await store.give(store.openDirect({ blobType }), '2');
        }
      },
    });
    expect(await store.stored()).toEqual(['1', '2', '3']);
  });

  it('gives up for now when others always get in between', async () => {
    const sink = store.open({ blobType });
    await store.give(sink, '1');
    store.proxy.inject({ kind: 'answer', status: 412, errorCode: 'ConditionNotMet', query: writes, method: 'PUT' });
    // No waiting: the wait between two rounds is random, and nothing here depends on it.
    const random = jest.spyOn(Math, 'random').mockReturnValue(0);
    await expect(store.give(sink, '2')).rejects.toMatchObject({ code: 'APPEND_CONFLICT', retryable: true });
    random.mockRestore();
    expect(await store.stored()).toEqual(['1']);
  });

  it('stores a batch once through a client that tries again by itself', async () => {
    const client = BlobServiceClient.fromConnectionString(store.proxy.connectionString, {
      retryOptions: { maxTries: 4, retryDelayInMs: 1, maxRetryDelayInMs: 1 },
    }).getContainerClient('modeldata');
    const sink = new BlobSink({ containerClient: client }, { blobType });
    await store.give(sink, '1');
    store.proxy.inject({ kind: 'loseAnswer', query: writes, method: 'PUT', times: 1 });
    await store.give(sink, '2');
    expect(await store.stored()).toEqual(['1', '2']);
  });

  it('does not hammer a container that is being deleted', async () => {
    store.proxy.inject({ kind: 'answer', status: 409, errorCode: 'ContainerBeingDeleted', method: 'PUT' });
    await expect(store.give(store.open({ blobType }), '1')).rejects.toMatchObject({ code: 'ContainerBeingDeleted' });
    expect(store.proxy.requests().length).toBeLessThan(4);
  });

  it('ends a call whose answer never comes, at every request that it makes', async () => {
    const onStream = (name: string) => new Kept(batchOf(streamOf(`svc-${store.tests}-${name}`), ['x']));
    await onStream('free').give(store.open({ blobType }));
    const count = store.proxy.requests().length;
    for (let after = 0; after < count; after += 1) {
      store.proxy.clear();
      const hang = store.proxy.inject({ kind: 'hang', after, times: 1 });
      const controller = new AbortController();
      const given = onStream(String(after)).give(store.open({ blobType }), controller.signal);
      given.catch(() => undefined);
      await until(() => hang.hits > 0);
      controller.abort(new Error('enough'));
      await expect(given).rejects.toThrow();
    }
    expect(count).toBeGreaterThan(1);
  });
});
