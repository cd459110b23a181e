import { AzuremlError } from '@azureml-ts/common';
import { formatUpdateReport } from '../../src/webservice/format-report.ts';
import type { UpdatePart } from '../../src/webservice/update-report.ts';

const part: UpdatePart = { deploymentName: 'blue', changes: [], isRolling: false, outcome: 'unchanged' };
const report = { name: 'loans', kind: 'OnlineEndpoint', isDryRun: false };

describe('the report of an update in words', () => {
  it('says what a dry run would do', () => {
    const changes = [
      { path: '/properties/appInsightsEnabled', from: false, to: true },
      { path: '/properties/environmentVariables/A', from: undefined, to: '[redacted]' },
    ];

    expect(
      formatUpdateReport({
        ...report,
        isDryRun: true,
        parts: [
          { ...part, outcome: 'planned', isRolling: true, changes },
          { ...part, deploymentName: 'green' },
        ],
      }),
    ).toBe(
      [
        'OnlineEndpoint "loans": dry run, nothing was sent',
        'deployment "blue": would change; instances would be replaced, one after the other',
        '  /properties/appInsightsEnabled: false -> true',
        '  /properties/environmentVariables/A: (none) -> "[redacted]"',
        'deployment "green": as asked already',
      ].join('\n'),
    );
  });

  it('counts what happened, and gives the cause of a failure', () => {
    const text = formatUpdateReport({
      ...report,
      parts: [
        { ...part, deploymentName: undefined, outcome: 'completed' },
        { ...part, outcome: 'failed', error: new AzuremlError('CONFLICT', 'Somebody else changed it.') },
        { ...part, deploymentName: 'green', outcome: 'planned', isRolling: true },
        { ...part, deploymentName: 'red', outcome: 'accepted', isRolling: true },
      ],
    });

    expect(text.split('\n')).toEqual([
      'OnlineEndpoint "loans": 1 completed, 1 accepted, 1 failed, 1 not begun',
      'the service: changed',
      'deployment "blue": failed: Somebody else changed it.',
      'deployment "green": would change; instances would be replaced, one after the other',
      'deployment "red": accepted; the service works on it; instances are being replaced, one after the other',
    ]);
  });

  it('says when there was nothing to do', () => {
    expect(formatUpdateReport({ ...report, parts: [part] })).toBe(
      'OnlineEndpoint "loans": nothing to do\ndeployment "blue": as asked already',
    );
  });
});
