import { dataFilePath } from '../../src/format/blob-path.ts';
import { ledgerPath } from '../../src/format/ledger.ts';
import { RowSchema } from '../../src/rows/row-schema.ts';
import { BlobSink } from '../../src/sinks/blob-sink.ts';
import { openSink } from '../../src/sinks/open-sink.ts';
import { BlobStore } from './blob-store.ts';
import { batchOf, DAY, Kept, ledgerEntry, schema, storeAll, until } from './give.ts';

const store = BlobStore.inThisFile();

describe.each(['append', 'block'] as const)('a sink of %s blobs', (blobType) => {
  it('is named by the address of its container', () => {
    expect(store.open({ blobType }).name).toBe(`${store.proxy.url}/modeldata`);
    expect(openSink({ containerClient: store.container }, { blobType }).name).toBe(
      `${store.azurite.url}/devstoreaccount1/modeldata`,
    );
  });

  it('makes blobs of its kind for text', async () => {
    await store.give(store.open({ blobType }), '1');
    expect(await store.container.getBlobClient(store.path()).getProperties()).toMatchObject({
      blobType: blobType === 'append' ? 'AppendBlob' : 'BlockBlob',
      contentType: 'text/csv; charset=utf-8',
    });
  });

  it('tells how many blocks the blob has, of all its writers', async () => {
    const [mine, other] = [store.open({ blobType }), store.openDirect({ blobType })];
    const counts = [];
    for (const sink of [mine, other, other, mine]) {
      counts.push((await store.give(sink, 'x'))?.blocks);
    }
    // The header is a block of its own where blocks are committed by a list.
    const first = blobType === 'append' ? 1 : 2;
    expect(counts).toEqual([0, 1, 2, 3].map((more) => ({ used: first + more, limit: 50_000 })));
  });

  it('writes to a file of its own instance when it has a name', async () => {
    await store.give(store.open({ blobType, instance: 'pod-1' }), '1');
    await store.give(store.open({ blobType }), '2');
    expect(await store.names()).toEqual(['data-rpod_1.csv', 'data.csv']);
  });

  it('finishes in the file where it began, also when the instance has another name since', async () => {
    const kept = new Kept(store.batch('1'));
    await kept.give(store.open({ blobType, instance: 'old' }));
    await kept.give(store.open({ blobType, instance: 'new' }));
    expect(await store.names()).toEqual(['data-rold.csv']);
    expect(await store.stored('data-rold.csv')).toEqual(['1']);
  });

  it('finishes in the kind of blob in which it began, also when the kind has changed since', async () => {
    const kept = new Kept(store.batch('1'));
    await kept.give(store.open({ blobType }));
    const other = blobType === 'append' ? 'block' : 'append';
    await kept.give(store.open({ blobType: other }));
    await store.give(store.open({ blobType: other }), '2');
    expect(await store.stored()).toEqual(['1']);
    expect(await store.stored('data-2.csv')).toEqual(['2']);
  });

  it('goes on in the next part when a blob has no blocks left', async () => {
    const options = { blobType, maxBlocks: 3 };
    const used = [];
    for (let index = 0; index < 3; index += 1) {
      const sink = store.open(options);
      used.push(
        (await store.give(sink, `${2 * index}`))?.blocks?.used,
        (await store.give(sink, `${2 * index + 1}`))?.blocks?.used,
      );
    }
    const parts =
      blobType === 'append'
        ? [['0', '1', '2'], ['3', '4', '5'], undefined]
        : [
            ['0', '1'],
            ['2', '3'],
            ['4', '5'],
          ];
    for (const [index, part] of parts.entries()) {
      if (part !== undefined) {
        expect(await store.stored(index === 0 ? undefined : `data-${index + 1}.csv`)).toEqual(part);
      }
    }
    expect(Math.max(...used.map(Number))).toBe(3);
  });

  it.each([
    ['a page blob', () => store.container.getPageBlobClient(store.path()).create(512)],
    [
      blobType === 'append' ? 'a block blob' : 'an append blob',
      () =>
        blobType === 'append'
          ? store.container.getBlockBlobClient(store.path()).upload('x', 1)
          : store.container.getAppendBlobClient(store.path()).create(),
    ],
    [
      'a block blob written in one piece',
      () => store.container.getBlockBlobClient(store.path()).upload(schema.header, schema.header.length),
    ],
  ])('leaves %s alone that has the path', async (_, make) => {
    await make();
    const { etag } = await store.container.getBlobClient(store.path()).getProperties();
    await store.give(store.open({ blobType }), '1');
    expect(await store.stored('data-2.csv')).toEqual(['1']);
    expect((await store.container.getBlobClient(store.path()).getProperties()).etag).toBe(etag);
  });

  it('goes on in the next part when a blob of another kind takes the place of the one it knows', async () => {
    const sink = store.open({ blobType });
    await store.give(sink, '1');
    await store.container.getBlobClient(store.path()).delete();
    await store.container.getPageBlobClient(store.path()).create(512);
    await store.give(sink, '2');
    expect(await store.stored('data-2.csv')).toEqual(['2']);
  });

  it('makes a blob again that was deleted, with its header', async () => {
    const sink = store.open({ blobType });
    await store.give(sink, '1');
    await store.container.getBlobClient(store.path()).delete();
    await store.give(sink, '2');
    expect(await store.stored()).toEqual(['2']);
  });

  it('looks at the header again when a blob of the same length takes the place of the one it knows', async () => {
    const sink = store.open({ blobType });
    await store.give(sink, '1');
    const { length } = await store.text();
    await store.container.getBlobClient(store.path()).delete();
    const foreign = `z,y\n${'1'.repeat(length - 5)}\n`;
    if (blobType === 'append') {
      const blob = store.container.getAppendBlobClient(store.path());
      await blob.create();
      await blob.appendBlock(foreign, length);
    } else {
      await store.container.getBlockBlobClient(store.path()).upload(foreign, length);
    }
    await store.give(sink, '2');
    expect(await store.text()).toBe(foreign);
    expect(await store.stored(blobType === 'append' ? `data-${schema.hash}.csv` : 'data-2.csv')).toEqual(['2']);
  });

  it('continues a blob of another program whose header fits', async () => {
    const start = `${schema.header.toString()}0,w-0,,,\n`;
    if (blobType === 'append') {
      const blob = store.container.getAppendBlobClient(store.path());
      await blob.create();
      await blob.appendBlock(start, start.length);
    } else {
      const id = Buffer.alloc(18, 'a').toString('base64');
      const blob = store.container.getBlockBlobClient(store.path());
      await blob.stageBlock(id, start, start.length);
      await blob.commitBlockList([id]);
    }
    await store.give(store.open({ blobType }), '1');
    expect(await store.stored()).toEqual(['0', '1']);
  });

  it('makes the ledger an append blob, and its container', async () => {
    const client = store.service.getContainerClient(`ledger-${blobType}`);
    const entry = ledgerEntry(store.stream, 1);
    const sink = new BlobSink({ containerClient: client }, { blobType });
    await sink.record(entry, { abortSignal: new AbortController().signal });
    const blob = client.getBlobClient(ledgerPath(store.stream, DAY));
    expect(JSON.parse((await blob.downloadToBuffer()).toString())).toEqual(entry);
    expect(await blob.getProperties()).toMatchObject({ blobType: 'AppendBlob', contentType: 'application/x-ndjson' });
  });
});

describe('append blobs', () => {
  it.each(['BlockCountExceedsLimit', 'BlobIsSealed'])('are left for the next part on %s', async (errorCode) => {
    const sink = store.open();
    await store.give(sink, '1');
    store.proxy.inject({ kind: 'answer', status: 409, errorCode, query: 'comp=appendblock', times: 1 });
    await store.give(sink, '2');
    expect(await store.stored('data-2.csv')).toEqual(['2']);
  });

  it('are left for the next part when somebody has sealed one', async () => {
    const sink = store.open();
    await store.give(sink, '1');
    await store.container.getAppendBlobClient(store.path()).seal();
    await store.give(sink, '2');
    await store.give(store.open(), '3');
    expect(await store.stored('data-2.csv')).toEqual(['2', '3']);
  });

  it('refuse a batch that is larger than a block, without sending it', async () => {
    const huge = { ...store.batch('1'), bytes: Buffer.alloc(100 * 1_048_576 + 1) };
    await expect(new Kept(huge).give(store.open())).rejects.toMatchObject({
      code: 'BATCH_TOO_LARGE',
      statusCode: 413,
      retryable: false,
    });
    expect(store.proxy.requests().filter(({ query }) => query.includes('appendblock'))).toEqual([]);
  });

  it('are never emptied by the race to make them', async () => {
    await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        store.give(index % 2 === 0 ? store.open() : store.openDirect(), `${index}`),
      ),
    );
    expect((await store.stored()).sort()).toEqual(['0', '1', '2', '3', '4', '5', '6', '7']);
  });

  it('are not emptied by who finds none, and makes it after another writer has made and filled it', async () => {
    const delay = store.proxy.inject({ kind: 'delay', delayMs: 300, method: 'PUT', times: 1 });
    const given = store.give(store.open(), '2');
    await until(() => delay.hits > 0);
    await store.give(store.openDirect(), '1');
    await given;
    expect(await store.stored()).toEqual(['1', '2']);
  });

  it('hold an unnamed schema without a header', async () => {
    const unnamed = new RowSchema(1);
    const lines = batchOf(store.stream, ['7'], { schema: unnamed });
    await storeAll(store.open(), [lines]);
    expect(
      (await store.container.getBlobClient(dataFilePath(store.stream, DAY)).downloadToBuffer()).equals(lines.bytes),
    ).toBe(true);
  });
});

describe('block blobs', () => {
  it('stage a batch again when another writer commits in between', async () => {
    const sink = store.open({ blobType: 'block' });
    await store.give(sink, '1');
    const delay = store.proxy.inject({ kind: 'delay', delayMs: 300, query: 'comp=blocklist', method: 'PUT', times: 1 });
    const given = store.give(sink, '3');
    await until(() => delay.hits > 0);
    await store.give(store.openDirect({ blobType: 'block' }), '2');
    await given;
    expect(await store.stored()).toEqual(['1', '2', '3']);
    const staged = store.proxy
      .requests()
      .filter(({ method, query }) => method === 'PUT' && query.startsWith('comp=block&'));
    // Header and first batch, then the same batch twice.
    expect(staged).toHaveLength(4);
  });

  it('stage a batch again when the service has dropped what was staged', async () => {
    store.proxy.inject({
      kind: 'answer',
      status: 400,
      errorCode: 'InvalidBlockList',
      query: 'comp=blocklist',
      method: 'PUT',
      times: 1,
    });
    await store.give(store.open({ blobType: 'block' }), '1');
    expect(await store.stored()).toEqual(['1']);
  });

  it('are not replaced where only blocks of a writer that died are staged', async () => {
    const blob = store.container.getBlockBlobClient(store.path());
    await blob.stageBlock(Buffer.alloc(18, 'a').toString('base64'), 'x', 1);
    await store.give(store.open({ blobType: 'block' }), '1');
    expect(await store.stored()).toEqual(['1']);
  });

  it.each([
    ['committed', true],
    ['only staged', false],
  ])('go on in the next part where the ids of %s blocks have another length', async (_, isCommitted) => {
    const blob = store.container.getBlockBlobClient(store.path());
    const id = Buffer.alloc(7, 'a').toString('base64');
    await blob.stageBlock(id, schema.header, schema.header.length);
    if (isCommitted) {
      await blob.commitBlockList([id]);
    }
    await store.give(store.open({ blobType: 'block' }), '1');
    expect(await store.stored('data-2.csv')).toEqual(['1']);
  });

  it('keep the blocks of a blob that another writer makes while the list is read', async () => {
    const first = store.openDirect({ blobType: 'block' });
    // The answer to the list says that nothing is there; then somebody commits.
    await store.container.getBlockBlobClient(store.path()).stageBlock(Buffer.alloc(18, 'a').toString('base64'), 'x', 1);
    const delay = store.proxy.inject({ kind: 'delay', delayMs: 300, method: 'HEAD', times: 1 });
    const given = store.give(store.open({ blobType: 'block' }), '2');
    await until(() => delay.hits > 0);
    await store.give(first, '1');
    await given;
    expect(await store.stored()).toEqual(['1', '2']);
  });
});
