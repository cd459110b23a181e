import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { running } from '../running.ts';

const TEXT = JSON.stringify({ data: 'é'.repeat(500) });

describe('a content encoding', () => {
  it.each<[name: string, encode: (bytes: Buffer) => Buffer]>([
    ['gzip', gzipSync],
    ['GZIP', gzipSync],
    ['deflate', deflateSync],
    ['deflate', deflateRawSync],
    ['br', brotliCompressSync],
    ['zstd', zstdCompressSync],
    ['identity', (bytes) => bytes],
  ])('%s is undone', async (name, encode) => {
    await using server = await running((rawData) => rawData);
    const response = await server.post(encode(Buffer.from(TEXT)), { 'content-encoding': name });
    expect([response.status, await response.json()]).toEqual([200, TEXT]);
  });

  it('of an empty body stays an empty body', async () => {
    await using server = await running((rawData) => [rawData]);
    expect(await (await server.post('', { 'content-encoding': 'gzip' })).json()).toEqual(['']);
  });

  it.each(['compress', 'gzip, gzip', 'x'])('%s is refused with 415, and those that work are named', async (name) => {
    await using server = await running((rawData) => rawData);
    const response = await server.post(gzipSync(TEXT), { 'content-encoding': name });
    expect([response.status, response.headers.get('accept-encoding')]).toEqual([415, 'gzip, deflate, br, zstd']);
    expect(await response.json()).toEqual({ message: expect.stringContaining('gzip') });
  });

  it.each([
    ['no gzip', Buffer.from('{}')],
    ['cut off', gzipSync(TEXT).subarray(0, 30)],
    ['broken', Buffer.concat([gzipSync(TEXT).subarray(0, 12), Buffer.from('xxxx'), gzipSync(TEXT).subarray(16)])],
  ])('is 400 for a body that is %s', async (_what, bytes) => {
    await using server = await running((rawData) => rawData);
    const response = await server.post(bytes, { 'content-encoding': 'gzip' });
    expect([response.status, await response.json()]).toEqual([
      400,
      { message: expect.stringContaining('content-encoding') },
    ]);
  });

  it('is undone up to the limit of a body, however small it was sent', async () => {
    await using server = await running((rawData) => rawData.length, { maxBodyBytes: 1_000_000 });
    const bomb = gzipSync(Buffer.alloc(50_000_000, 'a'));
    expect(bomb.length).toBeLessThan(100_000);
    for (const [name, bytes] of [
      ['gzip', bomb],
      ['br', brotliCompressSync(Buffer.alloc(5_000_000, 'a'))],
    ] as const) {
      const response = await server.post(bytes, { 'content-encoding': name });
      expect([name, response.status, await response.json()]).toEqual([
        name,
        413,
        { message: expect.stringContaining('1000000 bytes') },
      ]);
    }
    const fits = await server.post(gzipSync(Buffer.alloc(1_000_000, 'a')), { 'content-encoding': 'gzip' });
    expect(await fits.json()).toBe(1_000_000);
  });
});

describe('a character set', () => {
  it.each(['utf-8', 'UTF8', '"utf-8"', 'us-ascii'])('%s is read', async (charset) => {
    await using server = await running((rawData) => rawData);
    const response = await server.post('é', { 'content-type': `text/plain; charset=${charset}` });
    expect([response.status, await response.json()]).toEqual([200, 'é']);
  });

  it.each(['iso-8859-1', 'UTF-16', '"windows-1252"'])('%s is refused with 415', async (charset) => {
    await using server = await running((rawData) => rawData);
    const response = await server.post('x', { 'content-type': `application/json; charset=${charset}` });
    expect([response.status, await response.json()]).toEqual([415, { message: expect.stringContaining('UTF-8') }]);
  });
});
