import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findAzurite } from '../../src/blob/find-azurite.ts';
import { startAzurite, startBlobFaultProxy } from '../../src/index.ts';

describe('startAzurite', () => {
  it('starts a blob store that a proxy can stand before, and ends it', async () => {
    const azurite = await startAzurite();
    const proxy = await startBlobFaultProxy({ target: azurite.connectionString });
    try {
      expect(azurite.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
      expect(azurite.connectionString).toContain(`BlobEndpoint=${azurite.url}/devstoreaccount1;`);
      for (const root of [`${azurite.url}/devstoreaccount1`, proxy.url]) {
        const unsigned = await fetch(`${root}?comp=list`);
        expect(unsigned.status).toBe(403);
        expect(unsigned.headers.get('server')).toMatch(/^Azurite-Blob/);
      }
    } finally {
      await proxy.close();
      await azurite.close();
    }
    expect(() => process.kill(azurite.pid, 0)).toThrow('ESRCH');
    expect(process.listeners('exit').map(String).join()).not.toContain('SIGKILL');
    await azurite.close();
  });

  it('keeps its files in the folder that it is given', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'azurite-test-'));
    const azurite = await startAzurite({ directory });
    await azurite.close();

    expect((await readdir(directory)).join()).toContain('azurite_db_blob');
    await rm(directory, { recursive: true });
  });

  it('tells what azurite wrote when it ends instead of listening', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');

    await expect(startAzurite({ port: (taken.address() as AddressInfo).port })).rejects.toMatchObject({
      code: 'AZURITE_START_FAILED',
      message: expect.stringContaining('EADDRINUSE'),
    });
    taken.close();
  });

  it('ends the process when the start takes too long or is aborted', async () => {
    await expect(startAzurite({ timeoutMs: 1 })).rejects.toMatchObject({ code: 'TIMEOUT' });
    await expect(startAzurite({ abortSignal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
  });
});

describe('findAzurite', () => {
  it('says how to install it when it is nowhere', () => {
    expect(() => findAzurite([tmpdir()])).toThrow(expect.objectContaining({ code: 'AZURITE_NOT_FOUND' }));
    expect(() => findAzurite([tmpdir()])).toThrow('npm install --save-dev azurite');
  });
});
