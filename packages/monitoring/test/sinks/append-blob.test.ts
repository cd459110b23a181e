import { BlobServiceClient, type ContainerClient } from '@azure/storage-blob';
import { setLogSink } from '@azureml-ts/common';
import { type Azurite, type BlobFaultProxy, startAzurite, startBlobFaultProxy } from '@azureml-ts/testing';
import {
  type CollectorIssue,
  isFlushError,
  ModelDataCollector,
  type ModelDataCollectorOptions,
} from '../../src/index.ts';
import { clockOn } from '../support/fake-clock.ts';
import { identity } from '../support/workspace.ts';

let azurite: Azurite;
let proxy: BlobFaultProxy;
let container: ContainerClient;
let restoreLog: () => void;
let service = 0;

beforeAll(async () => {
  restoreLog = setLogSink(() => undefined);
  azurite = await startAzurite();
  proxy = await startBlobFaultProxy({ target: azurite.connectionString });
  container = BlobServiceClient.fromConnectionString(azurite.connectionString).getContainerClient('modeldata');
});
afterAll(async () => {
  restoreLog();
  await proxy?.close();
  await azurite?.close();
});
beforeEach(() => {
  proxy.clear();
  service += 1;
});

function make(options: ModelDataCollectorOptions = {}): ModelDataCollector {
  return new ModelDataCollector('best_model', {
    ...identity,
    webserviceName: `svc-${service}`,
    designation: 'inputs',
    featureNames: ['x'],
    storage: { connectionString: proxy.connectionString },
    clock: clockOn('2026-03-04'),
    journal: false,
    ...options,
  });
}

async function stored(file = 'data.csv'): Promise<string[]> {
  const path = `sub/rg/ws/svc-${service}/best_model/1/inputs/2026/03/04/${file}`;
  const text = (await container.getBlobClient(path).downloadToBuffer()).toString();
  expect(text.endsWith('\n')).toBe(true);
  return text.split('\n').slice(0, -1);
}

/** Files of rows: the ledger is appended to as well. */
const ROWS = '/data';
const HEADER = 'x,$aml_dc_correlation_id,$aml_dc_user_correlation_id,$aml_dc_scoring_timestamp,$aml_request_id';

describe('the append blob', () => {
  it('is made with its container, its header and its rows', async () => {
    const inputs = make();
    inputs.collect([1]);
    await inputs.flush();
    inputs.collect([2]);
    await inputs.close();
    const [header, ...rows] = await stored();
    expect(header).toBe(HEADER);
    expect(rows.map((row) => row.split(',')[0])).toEqual(['1', '2']);
  });

  it('has one header and every row once when many writers start together', async () => {
    const writers = Array.from({ length: 5 }, () => make());
    for (let round = 0; round < 4; round += 1) {
      for (const [index, writer] of writers.entries()) {
        writer.collect([`${index}/${round}`]);
      }
      await Promise.all(writers.map((writer) => writer.flush()));
    }
    await Promise.all(writers.map((writer) => writer.close()));
    const [header, ...rows] = await stored();
    expect(header).toBe(HEADER);
    expect(rows).toHaveLength(20);
    expect(new Set(rows.map((row) => row.split(',')[0])).size).toBe(20);
  });

  it.each(['loseAnswer', 'cut'] as const)('holds each row once when connections break (%s)', async (kind) => {
    proxy.inject({ kind, query: 'comp=appendblock', path: ROWS, probability: 0.5, seed: 7 });
    const inputs = make();
    for (let index = 0; index < 8; index += 1) {
      inputs.collect([index]);
      await inputs.flush({ timeoutMs: 20_000 });
    }
    await inputs.close();
    expect(proxy.hits()).toBeGreaterThan(2);
    expect((await stored()).slice(1).map((row) => row.split(',')[0])).toEqual(['0', '1', '2', '3', '4', '5', '6', '7']);
    expect(inputs.stats()).toMatchObject({ collected: 8, stored: 8 });
  });

  it('holds each row once when two writers share it and answers are lost', async () => {
    proxy.inject({ kind: 'loseAnswer', query: 'comp=appendblock', path: ROWS, probability: 0.4, seed: 3 });
    // Connection strings that differ keep the two from taking turns within this process.
    const other = await startBlobFaultProxy({ target: proxy.connectionString });
    const writers = [make(), make({ storage: { connectionString: other.connectionString } })];
    try {
      for (let index = 0; index < 6; index += 1) {
        await Promise.all(
          writers.map(async (writer, which) => {
            writer.collect([`${which}/${index}`]);
            await writer.flush({ timeoutMs: 20_000 });
          }),
        );
      }
      await Promise.all(writers.map((writer) => writer.close()));
    } finally {
      await other.close();
    }
    const rows = (await stored()).slice(1).map((row) => row.split(',')[0] ?? '');
    expect(rows).toHaveLength(12);
    for (const which of ['0', '1']) {
      expect(rows.filter((row) => row.startsWith(`${which}/`))).toEqual(
        Array.from({ length: 6 }, (_, index) => `${which}/${index}`),
      );
    }
  });

  it('stores the batch once when the flush that sent it was ended while the answer was on its way', async () => {
    const inputs = make();
    inputs.collect(['first']);
    await inputs.flush();
    const fault = proxy.inject({ kind: 'hang', query: 'comp=appendblock', path: ROWS, times: 1 });
    inputs.collect(['second']);
    await expect(inputs.flush({ timeoutMs: 300 })).rejects.toMatchObject({
      code: 'FLUSH_FAILED',
      keptRows: 1,
      lostRows: 0,
    });
    fault.remove();
    await inputs.close();
    expect((await stored()).slice(1).map((row) => row.split(',')[0])).toEqual(['first', 'second']);
  });

  it('goes on in a numbered file when the blob has no blocks left', async () => {
    const inputs = make();
    inputs.collect([1]);
    await inputs.flush();
    proxy.inject({
      kind: 'answer',
      status: 409,
      errorCode: 'BlockCountExceedsLimit',
      query: 'comp=appendblock',
      path: ROWS,
      times: 1,
    });
    inputs.collect([2]);
    await inputs.close();
    expect((await stored('data-2.csv')).map((row) => row.split(',')[0])).toEqual(['x', '2']);
  });

  it('makes the file again when it was deleted meanwhile', async () => {
    const inputs = make();
    inputs.collect([1]);
    await inputs.flush();
    await container.getBlobClient(`sub/rg/ws/svc-${service}/best_model/1/inputs/2026/03/04/data.csv`).delete();
    inputs.collect([2]);
    await inputs.close();
    expect((await stored()).map((row) => row.split(',')[0])).toEqual(['x', '2']);
  });

  it('counts and reports rows that an unreachable store never took, and scoring goes on', async () => {
    const issues: CollectorIssue[] = [];
    const closed = await startBlobFaultProxy({ target: azurite.connectionString });
    await closed.close();
    const inputs = make({
      storage: { connectionString: closed.connectionString },
      onError: (issue) => issues.push(issue),
    });
    expect(inputs.collect([[1], [2]])).toMatchObject({ accepted: 2 });
    const failure = await inputs.close({ timeoutMs: 1500 }).catch((error: unknown) => error);
    expect(isFlushError(failure) && failure.lostRows).toBe(2);
    expect(String(failure)).toMatch(/2 rows are given up: the store did not acknowledge them/);
    expect(inputs.stats()).toMatchObject({ collected: 2, stored: 0, pending: 0, dropped: { failed: 2 } });
    expect(issues).toHaveLength(1);
    expect(issues[0]?.message).toMatch(/could not store rows in account http:\/\/127\.0\.0\.1.*ECONNREFUSED/);
    expect(issues[0]?.message).not.toContain('AccountKey');
  });

  it('does not append to a blob that took the place of the one it knew', async () => {
    const first = make({ featureNames: ['a', 'b'] });
    first.collect([1, 2]);
    await first.flush();
    await container.getBlobClient(`sub/rg/ws/svc-${service}/best_model/1/inputs/2026/03/04/data.csv`).delete();
    const second = make({ featureNames: ['x', 'y', 'z'] });
    second.collect([7, 8, 9]);
    await second.close();
    first.collect([3, 4]);
    await first.close();
    expect((await stored()).map((row) => row.split(',').length)).toEqual([7, 7]);
    expect(first.stats()).toMatchObject({ collected: 2, stored: 2 });
  });

  it('remembers an append of unknown fate over other days', async () => {
    const inputs = make();
    const on = (day: string, id: string) => ({
      correlations: { correlationId: `w-${id}`, scoringTimestamp: `${day}T00:00:00.000Z` },
    });
    inputs.collect([1], on('2026-03-04', '1'));
    await inputs.flush();
    proxy.inject({ kind: 'loseAnswer', query: 'comp=appendblock', path: ROWS, times: 1 });
    const head = proxy.inject({ kind: 'answer', status: 503, method: 'HEAD', path: '/2026/03/04/' });
    inputs.collect([2], on('2026-03-04', '2'));
    await expect(inputs.flush({ timeoutMs: 100 })).rejects.toMatchObject({ keptRows: 1 });
    inputs.collect([3], on('2026-04-04', '3'));
    await expect(inputs.flush({ timeoutMs: 500 })).rejects.toMatchObject({ keptRows: 1 });
    head.remove();
    await inputs.close();
    expect((await stored()).map((row) => row.split(',')[0])).toEqual(['x', '1', '2']);
  });

  it('gives up a batch that the service will never take, and stores those behind it', async () => {
    const inputs = make({ maxBatchBytes: 1 });
    proxy.inject({
      kind: 'answer',
      status: 413,
      errorCode: 'RequestBodyTooLarge',
      query: 'comp=appendblock',
      path: ROWS,
      times: 1,
    });
    inputs.collect([1]);
    inputs.collect([2]);
    await inputs.close();
    expect((await stored()).map((row) => row.split(',')[0])).toEqual(['x', '2']);
    expect(inputs.stats()).toMatchObject({ collected: 2, stored: 1, dropped: { failed: 1 } });
  });

  it('does not hammer a container that is being deleted', async () => {
    proxy.inject({ kind: 'answer', status: 409, errorCode: 'ContainerBeingDeleted', method: 'PUT' });
    const inputs = make();
    inputs.collect([1]);
    await expect(inputs.flush({ timeoutMs: 400 })).rejects.toMatchObject({ keptRows: 1 });
    expect(proxy.requests().length).toBeLessThan(10);
    expect(inputs.stats().lastError).toContain('ContainerBeingDeleted');
    proxy.clear();
    await inputs.close();
  });

  it('goes on in a numbered file when the blob was sealed', async () => {
    const inputs = make();
    inputs.collect([1]);
    await inputs.flush();
    proxy.inject({
      kind: 'answer',
      status: 409,
      errorCode: 'BlobIsSealed',
      query: 'comp=appendblock',
      path: ROWS,
      times: 1,
    });
    inputs.collect([2]);
    await inputs.close();
    expect((await stored('data-2.csv')).map((row) => row.split(',')[0])).toEqual(['x', '2']);
  });

  it('keeps the time limit of close although another collector hangs at the same file', async () => {
    const [first, second] = [make(), make()];
    first.collect([1]);
    await first.flush();
    const hang = proxy.inject({ kind: 'hang', query: 'comp=appendblock', path: ROWS });
    first.collect([2]);
    const stuck = first.flush({ timeoutMs: 20_000 });
    second.collect([3]);
    const started = Date.now();
    await expect(second.close({ timeoutMs: 300 })).rejects.toMatchObject({ lostRows: 1 });
    expect(Date.now() - started).toBeLessThan(5_000);
    hang.remove();
    await stuck;
    await first.close();
    expect(first.stats()).toMatchObject({ stored: 2 });
  });

  it('uses a container that exists although this identity may not make containers', async () => {
    proxy.inject({
      kind: 'answer',
      status: 403,
      errorCode: 'AuthorizationPermissionMismatch',
      method: 'PUT',
      query: 'restype=container',
    });
    const inputs = make();
    inputs.collect([1]);
    await inputs.close();
    expect(await stored()).toHaveLength(2);
  });

  it('says what to do when the container is absent and may not be made', async () => {
    proxy.inject({
      kind: 'answer',
      status: 403,
      errorCode: 'AuthorizationPermissionMismatch',
      method: 'PUT',
      query: 'restype=container',
    });
    const account = BlobServiceClient.fromConnectionString(proxy.connectionString);
    const inputs = make({ storage: { containerClient: account.getContainerClient('absent') } });
    inputs.collect([1]);
    const failure = await inputs.close().catch((error: unknown) => error);
    expect(String(failure)).toContain('The container absent does not exist and this identity may not create it');
  });

  it('says what to do when the identity may not write', async () => {
    proxy.inject({ kind: 'answer', status: 403, errorCode: 'AuthorizationPermissionMismatch' });
    const issues: CollectorIssue[] = [];
    const inputs = make({ onError: (issue) => issues.push(issue) });
    inputs.collect([1]);
    await expect(inputs.flush()).rejects.toMatchObject({ keptRows: 1 });
    expect(issues[0]?.message).toContain('Storage Blob Data Contributor');
    proxy.clear();
    await inputs.close();
    expect(inputs.stats().stored).toBe(1);
  });
});
