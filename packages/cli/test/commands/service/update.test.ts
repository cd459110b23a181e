import type { AzureStandIn } from '@azureml-ts/testing';
import { run, runJson, startLoans, writesOf } from './service-commands.ts';

let standIn: AzureStandIn;

beforeEach(async () => {
  standIn = await startLoans();
});
afterEach(() => standIn.close());

describe('azureml-ts service update', () => {
  it('changes what is named, and tells each field', async () => {
    const { code, out, error } = await run(standIn, [
      'update',
      'loans',
      '--enable-app-insights',
      '--set-env',
      'A=1',
      '--wait',
    ]);
    expect([code, error]).toEqual([0, expect.stringMatching(/^loans: /)]);
    expect(out).toContain('/properties/appInsightsEnabled: false -> true');
    expect(standIn.deployment('loans', 'blue')?.resource).toMatchObject({
      properties: { appInsightsEnabled: true, environmentVariables: { A: '1', AML_APP_INSIGHTS_ENABLED: 'true' } },
    });
  });

  it('says how to see the end when it does not wait', async () => {
    const { code, error } = await run(standIn, ['update', 'loans', '--enable-app-insights']);
    expect([code, error]).toEqual([0, expect.stringContaining('azureml-ts service wait loans')]);
  });

  it('sends nothing for a dry run, and tells what would change as JSON', async () => {
    const { code, document } = await runJson(standIn, ['update', 'loans', '--collect-model-data', '--dry-run']);
    expect([code, writesOf(standIn)]).toEqual([0, []]);
    expect(document).toMatchObject({
      schemaVersion: 1,
      rows: [
        {
          name: 'loans',
          kind: 'OnlineEndpoint',
          isDryRun: true,
          error: null,
          parts: [{ deploymentName: 'blue', outcome: 'planned', isRolling: true }],
        },
      ],
    });
    expect(document.rows[0].parts[0].changes.map(({ path }: { path: string }) => path)).toContain(
      '/properties/environmentVariables/AML_MODEL_DC_STORAGE_ENABLED',
    );
  });

  it('changes one deployment when it is named', async () => {
    standIn.addDeployment('loans', 'green');
    await run(standIn, ['update', 'loans', '--deployment', 'green', '--enable-app-insights', '--wait']);
    expect(writesOf(standIn)).toEqual(['PUT loans/deployments/green']);
  });

  it.each([
    [['update'], 'Name the services to update'],
    [['update', 'loans', '--all', '--enable-app-insights'], 'Name the services to update'],
    [['update', 'loans'], 'Nothing to change'],
    [['update', 'loans', '--set', 'nonsense=1'], 'UNSUPPORTED_SETTING'],
    [['update', 'old-loans', '--deployment', 'x', '--enable-app-insights'], 'UNSUPPORTED_SETTING'],
    [['update', 'loans', '--set', 'instanceCount="two"'], 'DEPLOYMENT_CONFIGURATION_INVALID'],
  ])('refuses %j with 2, and changes nothing', async (argv, message) => {
    const { code, error } = await run(standIn, argv);
    expect([code, writesOf(standIn)]).toEqual([2, []]);
    expect(error).toContain(message);
  });

  it('tells an operation that fails, with 1, and the outcome as JSON', async () => {
    standIn.planOperations({ outcome: 'Failed', error: { code: 'ImagePullFailed', message: 'no image' } });
    const { code, document, error } = await runJson(standIn, ['update', 'loans', '--enable-app-insights', '--wait']);
    expect(code).toBe(1);
    expect(error).toMatch(/azureml-ts: .*ImagePullFailed.*no image/);
    expect(document.rows[0]).toMatchObject({ name: 'loans', error: { code: 'DEPLOYMENT_FAILED' } });
  });
});

describe('azureml-ts service update of many', () => {
  it('prints a line a service; a failure does not stop the others, and the code is then 1', async () => {
    const { code, out, error } = await run(standIn, [
      'update',
      'loans',
      'nobody',
      'old-loans',
      '--enable-app-insights',
    ]);
    expect(code).toBe(1);
    expect(out.split('\n').sort()).toEqual([
      '',
      expect.stringMatching(/^loans \(OnlineEndpoint\): accepted, \d fields?, rolling$/),
      expect.stringMatching(/^nobody: failed: There is no service "nobody"/),
      expect.stringMatching(/^old-loans \(AksWebservice\): /),
    ]);
    expect(error).toMatch(/^azureml-ts: There is no service "nobody".*\[WEBSERVICE_NOT_FOUND\]$/m);
  });

  it('has the code of their common reason when all failed', async () => {
    expect((await run(standIn, ['update', 'no-1', 'no-2', '--enable-app-insights'])).code).toBe(4);
  });

  it('changes all services of a kind', async () => {
    standIn.addEndpoint('second');
    standIn.addDeployment('second', 'blue');
    const { code, document } = await runJson(standIn, [
      'update',
      '--all',
      '--kind',
      'OnlineEndpoint',
      '--enable-app-insights',
      '--dry-run',
    ]);
    expect(code).toBe(0);
    expect(document.rows.map(({ name }: { name: string }) => name).sort()).toEqual(['loans', 'second']);
  });
});
