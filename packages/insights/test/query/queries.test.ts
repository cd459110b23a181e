import { type LogsStandIn, startLogsStandIn } from '@azureml-ts/testing';
import {
  dependencyFailureQuery,
  dependencyRateQuery,
  dependencyTimeQuery,
  exceptionsQuery,
  failureRateQuery,
  inputsAndOutputsQuery,
  queryLogs,
  requestRateQuery,
  responseTimeQuery,
  traceCountQuery,
  tracesQuery,
} from '../../src/index.ts';
import { accessTo } from './support.ts';

const SINCE = new Date('2026-11-01T10:00:00Z');
const UNTIL = new Date('2026-11-01T11:00:00Z');
const at = (minute: string) => `2026-11-01T10:${minute}Z`;

let logs: LogsStandIn;

beforeAll(async () => {
  logs = await startLogsStandIn({ now: () => new Date('2026-11-01T12:00:00Z') });
  logs.addRows('traces', [
    {
      timestamp: at('01:00'),
      message: 'STDOUT',
      severityLevel: 1,
      cloud_RoleName: 'loans',
      operation_Id: 'op1',
      customDimensions: { Contents: '{"input":[1,2]}', 'Request Id': 'r1', 'Service Name': 'loans' },
    },
    { timestamp: at('02:00'), message: 'Input is odd', severityLevel: 2, cloud_RoleName: 'other', itemCount: 4 },
    { timestamp: at('03:00'), message: 'nothing', severityLevel: 1, customDimensions: { 'Client Request Id': 'c1' } },
    { timestamp: '2026-11-01T11:00:00Z', message: 'input, too late' },
    {
      timestamp: at('04:00'),
      message: 'model_data_collection',
      operation_Id: 'op1',
      customDimensions: { Input: '{"data":[1]}', Prediction: '[2]', 'Request Id': 'r1' },
    },
  ]);
  logs.addRows('requests', [
    { timestamp: at('00:01'), name: 'POST /score', success: true, resultCode: '200', duration: 10, itemCount: 3 },
    { timestamp: at('02:00'), name: 'POST /score', success: true, resultCode: '200', duration: 20 },
    { timestamp: at('04:59'), name: 'GET /', success: false, resultCode: '500', duration: 100 },
    { timestamp: at('05:00'), name: 'POST /score', success: false, resultCode: '400', duration: 1, itemCount: 2 },
  ]);
  logs.addRows('dependencies', [
    { timestamp: at('00:00'), name: 'PUT', target: 'blob', type: 'Azure blob', success: true, duration: 5 },
    {
      timestamp: at('01:00'),
      name: 'PUT',
      target: 'blob',
      type: 'Azure blob',
      success: false,
      duration: 15,
      itemCount: 3,
    },
  ]);
  logs.addRows('exceptions', [
    {
      timestamp: at('03:00'),
      type: 'RangeError',
      outerMessage: 'too far',
      innermostMessage: 'why',
      severityLevel: 3,
      details: [{ message: 'too far' }],
      customDimensions: { 'Request Id': 'r1' },
    },
  ]);
});
afterAll(() => logs.close());

/** Runs a query written for each of both targets; both must give the same. */
async function rowsOf(write: (target: string) => string): Promise<readonly Record<string, unknown>[]> {
  const access = accessTo(logs);
  const [component, workspace] = [logs.resourceId, logs.workspaceId].map((target) =>
    queryLogs(target, write(target), access),
  );
  const [first, second] = [(await component)?.rows, (await workspace)?.rows];
  expect(second).toEqual(first);
  return first ?? [];
}

describe('tracesQuery', () => {
  it('is the query of the documentation, with what was printed looked at by itself', () => {
    expect(tracesQuery({ contains: 'input', limit: 10 })).toBe(
      [
        'traces',
        '| where timestamp >= ago(24h)',
        '| where message contains "input" or tostring(customDimensions) contains "input" or tostring(customDimensions["Contents"]) contains "input"',
        '| top 10 by timestamp desc',
        '| project timestamp, message, severityLevel, customDimensions, operation_Id, operation_ParentId, cloud_RoleName, cloud_RoleInstance, itemCount, itemId',
      ].join('\n'),
    );
    expect(tracesQuery({ target: 'workspace', since: '7d' })).toMatch(
      /^AppTraces\n\| where TimeGenerated >= ago\(7d\)\n/,
    );
  });

  const found = async (options: Parameters<typeof tracesQuery>[0]) =>
    (await rowsOf((target) => tracesQuery({ since: SINCE, until: UNTIL, ...options, target }))).map(
      ({ message }) => message,
    );

  it('finds a text in messages and properties, the newest first, and ends before the end', async () => {
    expect(await found({ contains: 'input' })).toEqual(['model_data_collection', 'Input is odd', 'STDOUT']);
    expect(await found({ contains: '"input":[1' })).toEqual(['STDOUT']);
    expect(await found({ contains: 'input', limit: 1 })).toEqual(['model_data_collection']);
  });

  it('picks by request, severity and service', async () => {
    expect(await found({ requestId: 'r1' })).toEqual(['model_data_collection', 'STDOUT']);
    expect(await found({ requestId: 'c1' })).toEqual(['nothing']);
    expect(await found({ requestId: 'op1' })).toEqual(['model_data_collection', 'STDOUT']);
    expect(await found({ severity: 'Warning' })).toEqual(['Input is odd']);
    expect(await found({ serviceName: 'loans' })).toEqual(['STDOUT']);
  });

  it('takes times as Dates, texts and durations', async () => {
    expect(await found({ since: '2026-11-01T10:03:00', until: '2026-11-01T12:03:30+02:00' })).toEqual(['nothing']);
    expect(await found({ since: '62m', until: undefined })).toEqual(['input, too late']);
  });

  it.each([
    [{ since: 'yesterday' }, 'since'],
    [{ since: '2026-02-30' }, 'since'],
    [{ until: new Date(Number.NaN) }, 'until'],
    [{ limit: 0 }, 'limit'],
    [{ limit: 1.5 }, 'limit'],
    [{ limit: 500_001 }, 'limit'],
    [{ target: 'my-component' }, 'target'],
    [{ severity: 'Bad' as 'Error' }, 'severity'],
  ])('refuses %j', (options, path) => {
    expect(() => tracesQuery(options)).toThrow(expect.objectContaining({ code: 'VALIDATION', path }));
  });

  it('counts all of them', async () => {
    const count = await rowsOf((target) => traceCountQuery({ since: SINCE, until: UNTIL, target }));
    expect(count).toEqual([{ rowCount: 4, itemTotal: 7 }]);
  });
});

describe('the queries about requests', () => {
  const step = (minute: string) => new Date(at(minute));

  it('count them by time, also those that were sampled out', async () => {
    expect(await rowsOf((target) => requestRateQuery({ since: SINCE, until: UNTIL, target }))).toEqual([
      { timestamp: step('00:00'), total: 5, perSecond: 5 / 300 },
      { timestamp: step('05:00'), total: 2, perSecond: 2 / 300 },
    ]);
    const byName = await rowsOf((target) =>
      requestRateQuery({ since: SINCE, until: UNTIL, bin: '1h', by: ['name'], target }),
    );
    expect(byName).toEqual([
      { timestamp: step('00:00'), name: 'POST /score', total: 6, perSecond: 6 / 3600 },
      { timestamp: step('00:00'), name: 'GET /', total: 1, perSecond: 1 / 3600 },
    ]);
  });

  it('tell how long they took, a sampled one for all that it stands for', async () => {
    const query = (target: string) =>
      responseTimeQuery({ since: SINCE, until: UNTIL, bin: '5m', percentiles: [50, 99.9], target });
    expect(await rowsOf(query)).toEqual([
      { timestamp: step('00:00'), total: 5, average: (3 * 10 + 20 + 100) / 5, p50: 10, p99_9: 100 },
      { timestamp: step('05:00'), total: 2, average: 1, p50: 1, p99_9: 1 },
    ]);
  });

  it('tell how many failed', async () => {
    expect(await rowsOf((target) => failureRateQuery({ since: SINCE, until: UNTIL, target }))).toEqual([
      { timestamp: step('00:00'), total: 5, failed: 1, failureRate: 0.2 },
      { timestamp: step('05:00'), total: 2, failed: 2, failureRate: 1 },
    ]);
  });

  it('tell the same of calls to other services', async () => {
    const options = { since: SINCE, until: UNTIL, by: ['target'] as const };
    const timestamp = step('00:00');
    expect(await rowsOf((target) => dependencyRateQuery({ ...options, target }))).toMatchObject([
      { timestamp, target: 'blob', total: 4 },
    ]);
    expect(await rowsOf((target) => dependencyTimeQuery({ ...options, target }))).toMatchObject([
      { timestamp, average: 12.5, p50: 15 },
    ]);
    expect(await rowsOf((target) => dependencyFailureQuery({ ...options, by: ['type'], target }))).toMatchObject([
      { timestamp, type: 'Azure blob', failureRate: 0.75 },
    ]);
  });

  it.each([
    [() => requestRateQuery({ bin: 'now' }), 'bin'],
    [() => requestRateQuery({ bin: '0s' }), 'bin'],
    [() => requestRateQuery({ by: ['target'] }), 'by'],
    [() => requestRateQuery({ by: ['toString' as 'name'] }), 'by'],
    [() => responseTimeQuery({ percentiles: [0] }), 'percentiles'],
    [() => responseTimeQuery({ percentiles: [101] }), 'percentiles'],
    [() => responseTimeQuery({ percentiles: [1e-9] }), 'percentiles'],
  ])('refuse what is none: %#', (write, path) => {
    expect(write).toThrow(expect.objectContaining({ code: 'VALIDATION', path }));
  });
});

describe('exceptionsQuery and inputsAndOutputsQuery', () => {
  it('give the newest exceptions with their request', async () => {
    expect(await rowsOf((target) => exceptionsQuery({ since: SINCE, target }))).toMatchObject([
      {
        type: 'RangeError',
        message: 'too far',
        innermostMessage: 'why',
        severityLevel: 3,
        details: [{ message: 'too far' }],
        requestId: 'r1',
      },
    ]);
    expect(await rowsOf((target) => exceptionsQuery({ since: SINCE, severity: 'Critical', target }))).toEqual([]);
    expect(await rowsOf((target) => exceptionsQuery({ since: SINCE, requestId: 'other', target }))).toEqual([]);
  });

  it('give the bodies of the last requests', async () => {
    expect(await rowsOf((target) => inputsAndOutputsQuery({ last: 5, since: SINCE, target }))).toMatchObject([
      { requestId: 'r1', input: '{"data":[1]}', output: '[2]', truncated: '', operation_Id: 'op1' },
    ]);
  });
});
