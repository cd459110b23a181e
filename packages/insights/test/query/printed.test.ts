import { runWithRequest } from '@azureml-ts/common';
import { startLogsStandIn, startTelemetryStandIn } from '@azureml-ts/testing';
import {
  failureRateQuery,
  inputsAndOutputsQuery,
  queryLogs,
  readTraces,
  startInsights,
  tracesQuery,
} from '../../src/index.ts';
import { accessTo, all } from './support.ts';

describe('what a scoring script sends', () => {
  it('is found by the ready queries, joined to its request', async () => {
    await using telemetry = await startTelemetryStandIn();
    await using logs = await startLogsStandIn({ items: () => telemetry.items() });
    const insights = startInsights({
      connectionString: telemetry.connectionString,
      captureConsole: false,
      captureDependencies: false,
      context: { serviceName: 'loans' },
    });
    const requestId = 'c0ffee00-0000-4000-8000-000000000001';
    runWithRequest({ requestId }, () => {
      insights.trackTrace({ message: 'STDOUT', properties: { Contents: '{"input":[1,2]}' } });
      insights.trackException({ error: new RangeError('too far') });
      insights.trackRequest({
        name: 'POST /score',
        startedAt: new Date(),
        durationMs: 12.5,
        statusCode: 500,
        input: '{"data":[1]}',
        output: '"no"',
      });
    });
    await insights.close();

    const access = accessTo(logs);
    for (const target of [logs.resourceId, logs.workspaceId]) {
      const printed = await queryLogs(target, tracesQuery({ contains: '"input":[1', since: '1h', target }), access);
      expect(printed.rows).toMatchObject([{ message: 'STDOUT', customDimensions: { Contents: '{"input":[1,2]}' } }]);
      const [trace] = await all(
        readTraces(target, { contains: '"input":[', requestId, serviceName: 'loans', ...access }),
      );
      expect(trace).toMatchObject({ contents: { input: [1, 2] }, requestId, serviceName: 'loans', itemCount: 1 });
      const request = await queryLogs(
        target,
        failureRateQuery({ since: '1h', bin: '1d', by: ['resultCode'], target }),
        access,
      );
      expect(request.rows).toMatchObject([{ resultCode: '500', total: 1, failed: 1, failureRate: 1 }]);
      const bodies = await queryLogs(target, inputsAndOutputsQuery({ target }), access);
      expect(bodies.rows).toMatchObject([{ requestId, input: '{"data":[1]}', output: '"no"' }]);
      expect(bodies.rows[0]?.operation_Id).toBe(trace?.operationId);
    }
  });
});
