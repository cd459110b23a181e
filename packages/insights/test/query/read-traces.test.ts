import { type LogsStandIn, startLogsStandIn } from '@azureml-ts/testing';
import fc from 'fast-check';
import { readTraces } from '../../src/index.ts';
import { accessTo, all, withLogs } from './support.ts';

const SINCE = new Date('2026-11-01T00:00:00Z');
const UNTIL = new Date('2026-11-02T00:00:00Z');

/** The n-th ten-millionth of a second of the day. */
const tick = (n: number) => `2026-11-01T00:00:00.${String(n).padStart(7, '0')}Z`;

const read = (logs: LogsStandIn, options: Partial<Parameters<typeof readTraces>[1]> = {}, target = logs.resourceId) =>
  all(readTraces(target, { since: SINCE, until: UNTIL, ...options, ...accessTo(logs) }));

describe('readTraces', () => {
  let logs: LogsStandIn;
  beforeEach(async () => {
    logs = await startLogsStandIn();
  });
  afterEach(() => logs.close());

  it('gives each trace once, the oldest first, however many have the same time', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 40 }),
        fc.integer({ min: 1, max: 7 }),
        fc.boolean(),
        async (ticks, pageSize, isWorkspace) => {
          logs.clear();
          logs.addRows(
            'traces',
            ticks.map((at, index) => ({ timestamp: tick(at), message: `m${index}` })),
          );
          const target = isWorkspace ? logs.workspaceId : logs.resourceId;
          const records = await read(logs, { pageSize }, target);
          expect(records.map(({ time }) => time)).toEqual(ticks.toSorted((a, b) => a - b).map((at) => shown(tick(at))));
          expect(new Set(records.map(({ message }) => message)).size).toBe(ticks.length);
          expect(logs.requests().every(({ rowCount }) => rowCount <= pageSize)).toBe(true);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('gives what a trace holds', async () => {
    logs.addRows('traces', [
      {
        timestamp: tick(1),
        message: 'STDOUT',
        severityLevel: 1,
        operation_Id: 'op',
        operation_ParentId: 'span',
        cloud_RoleName: 'role',
        cloud_RoleInstance: 'host',
        itemId: 'item-1',
        itemCount: 2,
        customDimensions: {
          Contents: '{"input":[1]}',
          'Request Id': 'r1',
          'Client Request Id': 'c1',
          'Service Name': 'svc',
        },
      },
      { timestamp: tick(2), message: 'plain', customDimensions: { Contents: '{ no JSON' } },
    ]);
    const [first, second] = await read(logs);
    expect(first).toEqual({
      timestamp: new Date('2026-11-01T00:00:00.000Z'),
      time: tick(1),
      message: 'STDOUT',
      severity: 'Information',
      contents: { input: [1] },
      requestId: 'r1',
      clientRequestId: 'c1',
      serviceName: 'svc',
      properties: expect.objectContaining({ Contents: '{"input":[1]}' }),
      operationId: 'op',
      parentId: 'span',
      roleName: 'role',
      roleInstance: 'host',
      itemCount: 2,
      itemId: 'item-1',
    });
    expect(second).toMatchObject({ severity: undefined, contents: '{ no JSON', requestId: undefined });
  });

  it('asks for fewer rows at a time when an answer cannot hold them', async () => {
    await withLogs({ maxRows: 3 }, async (small) => {
      small.addRows(
        'traces',
        Array.from({ length: 10 }, (_, index) => ({ timestamp: tick(index), message: `m${index}` })),
      );
      expect((await read(small, { pageSize: 10 })).map(({ message }) => message)).toEqual(
        Array.from({ length: 10 }, (_, index) => `m${index}`),
      );
    });
    logs.addRows('traces', [{ timestamp: tick(1) }]);
    logs.respondWith({ partialRows: 0 });
    await expect(read(logs)).rejects.toMatchObject({ code: 'QUERY_PARTIAL' });
  });

  it('asks for more at a time where rows have no id, and says when that does not help', async () => {
    logs.addRows(
      'traces',
      Array.from({ length: 5 }, (_, index) => ({ timestamp: tick(1), itemId: '', message: `m${index}` })),
    );
    expect(await read(logs, { pageSize: 2 })).toHaveLength(5);
    await withLogs({ maxRows: 3 }, async (small) => {
      small.addRows(
        'traces',
        Array.from({ length: 5 }, (_, index) => ({ timestamp: tick(1), itemId: '', message: `m${index}` })),
      );
      await expect(read(small, { pageSize: 4 })).rejects.toMatchObject({ code: 'QUERY_PARTIAL' });
    });
  });

  it('picks traces, and goes on only as long as it is asked to', async () => {
    logs.addRows(
      'traces',
      Array.from({ length: 6 }, (_, index) => ({ timestamp: tick(index), message: `m${index % 2}` })),
    );
    expect(await read(logs, { contains: 'm1', pageSize: 2 })).toHaveLength(3);
    logs.clear();
    logs.addRows(
      'traces',
      Array.from({ length: 6 }, (_, index) => ({ timestamp: tick(index) })),
    );
    for await (const _ of readTraces(logs.resourceId, { since: SINCE, until: UNTIL, pageSize: 2, ...accessTo(logs) })) {
      break;
    }
    expect(logs.requests()).toHaveLength(1);
  });

  it('reads up to this very moment unless told otherwise', async () => {
    logs.addRows(
      'traces',
      Array.from({ length: 20 }, () => ({ timestamp: new Date() })),
    );
    expect(await read(logs, { since: '1h', until: undefined })).toHaveLength(20);
  });

  it('signs in once for all its queries', async () => {
    logs.addRows(
      'traces',
      Array.from({ length: 6 }, (_, index) => ({ timestamp: tick(index) })),
    );
    await read(logs, { pageSize: 1 });
    expect([logs.requests().length, logs.tokenRequests.length]).toEqual([7, 1]);
  });

  it.each([
    ['pageSize', { pageSize: 0 }],
    ['pageSize', { pageSize: 500_001 }],
    ['since', { since: 'soon' }],
    ['until', { until: 'later' }],
  ])('refuses a %s that is none', async (path, options) => {
    await expect(read(logs, options)).rejects.toMatchObject({ code: 'VALIDATION', path });
  });
});

/** The service leaves zeros at the end out. */
function shown(time: string): string {
  return time.replace(/\.?0+Z$/, 'Z');
}
