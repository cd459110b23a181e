import { type LogsStandIn, startAzureStandIn, startLogsStandIn } from '@azureml-ts/testing';
import { RecordedIo } from '../recorded-io.ts';
import { ioForBoth, ioForLogs, run } from './traces-commands.ts';

const AT = '2026-11-01T10:00:0';

let logs: LogsStandIn;
beforeEach(async () => {
  logs = await startLogsStandIn();
});
afterEach(() => logs.close());

function addTraces(): void {
  logs.addRows('traces', [
    {
      timestamp: `${AT}0.1234567Z`,
      message: 'STDOUT',
      severityLevel: 1,
      operation_Id: 'op1',
      cloud_RoleName: 'loans',
      itemId: 'i1',
      customDimensions: { Contents: '{"input":[1,2]}', 'Request Id': 'r1', 'Service Name': 'loans' },
    },
    { timestamp: `${AT}1Z`, message: 'AccountKey=c2VjcmV0c2VjcmV0;\u001b[31m', severityLevel: 3, itemId: 'i2' },
  ]);
}

describe('azureml-ts traces', () => {
  it('prints the newest traces, the oldest first, without secrets and what steers a terminal', async () => {
    addTraces();
    const { code, out, error } = await run(ioForLogs(logs), '--since', '2026-11-01');
    expect([code, error]).toEqual([0, '']);
    expect(out.split('\n')).toEqual([
      expect.stringMatching(/^time +severity +service +requestId +text$/),
      expect.stringMatching(/^2026-11-01T10:00:00\.1234567Z +Information +loans +r1 +\{"input":\[1,2\]\}$/),
      expect.stringMatching(/^2026-11-01T10:00:01Z +Error +AccountKey=\[redacted\]/),
      '',
    ]);
    expect(out).not.toContain('\u001b');
  });

  it('prints JSON, as one document or a line a trace', async () => {
    addTraces();
    const row = {
      time: `${AT}0.1234567Z`,
      severity: 'Information',
      message: 'STDOUT',
      contents: { input: [1, 2] },
      requestId: 'r1',
      clientRequestId: null,
      serviceName: 'loans',
      operationId: 'op1',
      parentId: '',
      roleName: 'loans',
      roleInstance: '',
      itemCount: 1,
      itemId: 'i1',
      properties: { Contents: '{"input":[1,2]}', 'Request Id': 'r1', 'Service Name': 'loans' },
    };
    const since = ['--since', '2026-11-01', '--contains', 'INPUT'];
    const whole = await run(ioForLogs(logs), ...since, '--output', 'json');
    expect(JSON.parse(whole.out)).toEqual({ schemaVersion: 1, rows: [row] });
    const lines = await run(ioForLogs(logs), '--since', '2026-11-01', '--output', 'jsonl');
    expect(
      lines.out
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([
      { schemaVersion: 1, ...row },
      expect.objectContaining({ schemaVersion: 1, itemId: 'i2', message: 'AccountKey=[redacted];\u001b[31m' }),
    ]);
  });

  it('picks traces by the options', async () => {
    addTraces();
    const ids = async (...argv: readonly string[]) => {
      const { out } = await run(ioForLogs(logs), '--since', '2026-11-01', '--output', 'json', ...argv);
      return JSON.parse(out).rows.map(({ itemId }: { itemId: string }) => itemId);
    };
    expect(await ids()).toEqual(['i1', 'i2']);
    expect(await ids('--limit', '1')).toEqual(['i2']);
    expect(await ids('--service', 'loans')).toEqual(['i1']);
    expect(await ids('--request-id', 'r1')).toEqual(['i1']);
    expect(await ids('--severity', 'Error')).toEqual(['i2']);
    expect(await ids('--until', `${AT}1Z`)).toEqual(['i1']);
  });

  it('reads the component that the workspace names, unless a target is given', async () => {
    await using azure = await startAzureStandIn();
    addTraces();
    expect((await run(ioForBoth(azure, logs), '--since', '2026-11-01')).out).toContain('{"input":[1,2]}');
    const io = ioForBoth(azure, logs);
    await run(io, '--since', '2026-11-01', '--target', logs.workspaceId);
    expect(io.out).toContain('{"input":[1,2]}');
    expect(logs.requests().map(({ path }) => path.replace('Microsoft', 'microsoft'))).toEqual([
      `/v1/${logs.resourceId}/query`,
      `/v1/workspaces/${logs.workspaceId}/query`,
    ]);
    expect(azure.exchanges().filter(({ method }) => method === 'GET')).toHaveLength(1);
  });

  it('says that a workspace has no component, with 4', async () => {
    await using azure = await startAzureStandIn();
    (azure.workspace['properties'] as Record<string, unknown>)['applicationInsights'] = null;
    expect(await run(ioForBoth(azure, logs))).toMatchObject({
      code: 4,
      error: expect.stringMatching(
        /has no Application Insights component\. Give --target.*\[APPLICATION_INSIGHTS_NOT_FOUND\]/,
      ),
    });
  });

  it('asks the cloud that is named', async () => {
    await run(ioForLogs(logs), '--cloud', 'AzureUSGovernment');
    await run(ioForLogs(logs, { AZUREML_CURRENT_CLOUD: 'azurechinacloud' }));
    await run(ioForLogs(logs, { AZUREML_LOGS_ENDPOINT: logs.endpoint, AZUREML_CURRENT_CLOUD: 'AzureChinaCloud' }));
    expect(logs.tokenRequests).toEqual([
      'https://api.loganalytics.us/.default',
      'https://api.loganalytics.azure.cn/.default',
      'https://api.loganalytics.io/.default',
    ]);
  });

  it('says where to look when there is nothing', async () => {
    const { code, out, error } = await run(ioForLogs(logs), '--output', 'json');
    expect([code, JSON.parse(out)]).toEqual([0, { schemaVersion: 1, rows: [] }]);
    expect(error).toMatch(/no such traces.*--since/);
  });

  it.each([
    [401, 3],
    [403, 3],
    [404, 4],
    [500, 5],
  ])('exits as other commands do: %d with %d', async (status, code) => {
    logs.respondWith({ status });
    expect((await run(ioForLogs(logs))).code).toBe(code);
  });

  it.each([
    [['--since', 'soon'], /since must be/],
    [['--limit', '0'], /number of 1 or more/],
    [['--severity', 'bad'], /Allowed choices/],
    [['--target', 'mine'], /target must be the id of a Log Analytics workspace/],
    [['--target', ' '], /--target must be not empty/],
    [['--follow', '--limit', '3'], /--limit must be left out together with --follow/],
    [['--follow', '--until', '1h'], /--until must be left out/],
    [['--interval', '3'], /--interval must be together with --follow/],
    [['--output', 'csv'], /Allowed choices are table, json, jsonl/],
  ])('refuses %j with 2', async (argv, message) => {
    expect(await run(ioForLogs(logs), ...argv)).toMatchObject({
      code: 2,
      out: '',
      error: expect.stringMatching(message),
    });
    expect(logs.requests()).toEqual([]);
  });

  it('asks which workspace when nothing says what to read', async () => {
    const io = new RecordedIo();
    expect(await run(io, '--config', '/nowhere')).toMatchObject({
      code: 4,
      error: expect.stringContaining('Which workspace?'),
    });
  });
});

describe('azureml-ts traces --follow', () => {
  /** Follows until a trace with this message is printed, adding `late` once the first look was answered. */
  async function followed(output: string) {
    const io = ioForLogs(logs);
    const abort = new AbortController();
    io.abortSignal = abort.signal;
    let looks = 0;
    logs.respondWith({
      onHit: () => {
        looks += 1;
        if (looks === 2) {
          logs.addRows('traces', [{ message: 'late', timestamp: new Date(Date.now() - 300_000), severityLevel: 1 }]);
        }
      },
    });
    io.writeOut = async (text) => {
      io.out += text;
      if (text.includes('late')) {
        abort.abort(new Error('Interrupted'));
      }
    };
    logs.addRows('traces', [{ message: 'first', severityLevel: 2 }]);
    return run(io, '--follow', '--since', '1h', '--interval', '0.001', '--output', output);
  }

  it('goes on with what comes in late, each once, until Ctrl-C, which is 130', async () => {
    const { code, out, error } = await followed('table');
    expect([code, error]).toEqual([130, '']);
    expect(
      out
        .trimEnd()
        .split('\n')
        .map((line) => line.split(/ {2,}/).slice(1)),
    ).toEqual([
      ['Warning', '-', 'first'],
      ['Information', '-', 'late'],
    ]);
  });

  it.each(['json', 'jsonl'])('writes a document a line for %s', async (output) => {
    const { out } = await followed(output);
    expect(
      out
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toMatchObject([
      { schemaVersion: 1, message: 'first' },
      { schemaVersion: 1, message: 'late' },
    ]);
  });

  it('tells that a look failed, and goes on', async () => {
    const io = ioForLogs(logs);
    const abort = new AbortController();
    io.abortSignal = abort.signal;
    logs.respondWith([{ status: 503, times: 4 }, { onHit: () => abort.abort(new Error('Interrupted')) }]);
    const { code, error } = await run(io, '--follow', '--interval', '0.001');
    expect([code, error]).toEqual([
      130,
      expect.stringMatching(/^azureml-ts: trying again: The query failed with status 503/),
    ]);
  });
});
