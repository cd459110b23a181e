import { AzuremlError } from '@azureml-ts/common';
import type { UpdateReport } from '@azureml-ts/core';
import { resultJson, resultRow } from '../../src/output/update-report.ts';

const report: UpdateReport = {
  name: 'svc',
  kind: 'OnlineEndpoint',
  isDryRun: false,
  parts: [
    {
      deploymentName: 'blue',
      outcome: 'accepted',
      isRolling: true,
      changes: [
        { path: '/properties/appInsightsEnabled', from: false, to: true },
        { path: '/tags/a', from: undefined, to: 'x\ny' },
      ],
    },
    { deploymentName: 'green', outcome: 'unchanged', isRolling: false, changes: [] },
    {
      deploymentName: 'red',
      outcome: 'failed',
      isRolling: false,
      changes: [{ path: '/b', from: 1, to: undefined }],
      error: new AzuremlError('CONFLICT', 'It changed\nin between.', { statusCode: 412, requestId: 'r1' }),
    },
  ],
};

describe('an update report', () => {
  it('is one row among many services', () => {
    expect(resultRow({ name: 'svc', kind: 'OnlineEndpoint', report })).toEqual({
      name: 'svc',
      kind: 'OnlineEndpoint',
      outcome: 'accepted, unchanged, failed',
      changes: 3,
      isRolling: true,
    });
    expect(resultRow({ name: 'x', error: new AzuremlError('WEBSERVICE_NOT_FOUND', 'no\nx') })).toMatchObject({
      outcome: 'failed',
      error: 'no x',
    });
  });

  it('is JSON that says apart whether a field is added or removed', () => {
    const json = JSON.parse(JSON.stringify(resultJson({ name: 'svc', report })));
    expect(json).toMatchObject({ name: 'svc', kind: 'OnlineEndpoint', isDryRun: false, error: null });
    expect(json.parts[0].changes).toEqual([
      { path: '/properties/appInsightsEnabled', kind: 'changed', from: false, to: true },
      { path: '/tags/a', kind: 'added', from: null, to: 'x\ny' },
    ]);
    expect(json.parts[2]).toMatchObject({
      changes: [{ path: '/b', kind: 'removed', from: 1, to: null }],
      error: { code: 'CONFLICT', statusCode: 412, requestId: 'r1' },
    });
  });
});
