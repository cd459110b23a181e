import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AzureStandIn, startAzureStandIn } from '@azureml-ts/testing';
import { main } from '../../../src/index.ts';
import { ioFor } from '../../recorded-io.ts';

let standIn: AzureStandIn;
let folder: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cli-'));
  standIn = await startAzureStandIn();
  standIn.addEndpoint('loans');
  standIn.addDeployment('loans', 'blue');
});
afterEach(async () => {
  await standIn.close();
  rmSync(folder, { recursive: true });
});

function setState(provisioningState: string): void {
  const resource = standIn.deployment('loans', 'blue')?.resource as { properties: Record<string, unknown> };
  resource.properties['provisioningState'] = provisioningState;
}

describe('azureml-ts service wait', () => {
  it('prints a service that is healthy', async () => {
    const io = ioFor(standIn);
    expect(await main(['service', 'wait', 'loans'], io)).toBe(0);
    expect(io.out).toMatch(/^name +loans\nkind +OnlineEndpoint\nstate +Healthy\nscoringUri +https:/);
  });

  it('shows the end of the log of a failure, marks it for the build and summarises it, with 1', async () => {
    setState('Failed');
    const logs = standIn.deployment('loans', 'blue')?.logs as Record<string, string[]>;
    logs['InferenceServer'] = ['old', ...Array.from({ length: 50 }, (_, n) => `line ${n}`), 'init() failed <b>|'];
    logs['StorageInitializer'] = ['::error::no model'];
    const summary = join(folder, 'summary.md');
    const io = ioFor(standIn, { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: summary });
    expect(await main(['service', 'wait', 'loans', '--output', 'json'], io)).toBe(1);
    expect(io.error).toMatch(/^==> loans: end of the log of .*inference-server.* <==$/m);
    expect(io.error).toMatch(/^line 49\ninit\(\) failed <b>\|$/m);
    expect(io.error).not.toMatch(/^old$/m);
    expect(io.error.match(/^::error .*$/gm)).toEqual([expect.stringMatching(/\[DEPLOYMENT_FAILED\]$/)]);
    const document = JSON.parse(io.out);
    expect(document).toMatchObject({
      schemaVersion: 1,
      service: { name: 'loans', state: 'Failed' },
      error: { code: 'DEPLOYMENT_FAILED' },
    });
    expect(Object.values(document.logs).flat()).toEqual(
      expect.arrayContaining(['init() failed <b>|', '::error::no model']),
    );
    const page = readFileSync(summary, 'utf8');
    expect(page).toContain('| code | DEPLOYMENT\\_FAILED |');
    expect(page).toContain('init() failed &lt;b&gt;|');
  });

  it('ends with 5 when the time is up, with the end of the log', async () => {
    setState('Updating');
    const logs = standIn.deployment('loans', 'blue')?.logs as Record<string, string[]>;
    logs['InferenceServer'] = ['still loading'];
    const io = ioFor(standIn, { TF_BUILD: 'True' });
    expect(await main(['service', 'wait', 'loans', '--timeout', '0.3'], io)).toBe(5);
    expect(io.error).toContain('still loading\n');
    expect(io.error).toMatch(/^##vso\[task\.logissue type=error;code=TIMEOUT;\]/m);
  });

  it('ends with 130 on Ctrl-C, without a log', async () => {
    setState('Updating');
    const io = ioFor(standIn);
    const abort = new AbortController();
    io.abortSignal = abort.signal;
    io.writeError = (text) => {
      io.error += text;
      abort.abort(new Error('Interrupted'));
    };
    expect(await main(['service', 'wait', 'loans', '--output', 'json'], io)).toBe(130);
    expect(io.out).toBe('');
    expect(io.error).toMatch(/^loans: Transitioning .*\n$/);
  });
});
