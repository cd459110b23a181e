import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readDeploymentFile } from '@azureml-ts/core';
import type { AzureStandIn } from '@azureml-ts/testing';
import { run, runJson, startLoans, writesOf } from './service-commands.ts';

let standIn: AzureStandIn;
beforeEach(async () => {
  standIn = await startLoans();
});
afterEach(() => standIn.close());

describe('azureml-ts service migrate', () => {
  it('prints a classic service as a deployment file that azureml-ts deploy reads', async () => {
    const { code, out, error } = await run(standIn, ['migrate', 'old-loans', '--plan']);
    expect([code, error]).toEqual([0, '']);
    expect(out).toMatch(/^# The AksWebservice "old-loans" as a deployment of an online endpoint\.$/m);
    expect(out).toMatch(/^# To do:$/m);
    const folder = await mkdtemp(join(tmpdir(), 'cli-migrate-'));
    try {
      await writeFile(join(folder, 'deployment.yml'), out);
      const { type, options } = await readDeploymentFile(join(folder, 'deployment.yml'), { env: {} });
      expect([type, options.name]).toEqual(['online', 'old-loans']);
    } finally {
      await rm(folder, { recursive: true });
    }
    expect(writesOf(standIn)).toEqual([]);
    expect(standIn.secrets().filter((secret) => out.includes(secret))).toEqual([]);
  });

  it('prints it as JSON, for a cluster', async () => {
    const { code, document } = await runJson(standIn, [
      'migrate',
      'old-loans',
      '--plan',
      '--compute-target',
      'cluster1',
    ]);
    expect(code).toBe(0);
    expect(document).toMatchObject({
      schemaVersion: 1,
      plan: {
        name: 'old-loans',
        kind: 'AksWebservice',
        deployments: [{ deploymentName: 'blue', file: { compute: 'cluster1', auth_mode: 'key' } }],
      },
    });
  });

  it('prints one version of a classic endpoint', async () => {
    standIn.addService('shop', { computeType: 'AKSENDPOINT', versions: { stable: {}, next: {} } });
    const { out } = await run(standIn, ['migrate', 'shop', '--plan', '--deployment', 'next']);
    expect(out).toMatch(/^name: next$/m);
    expect(out).not.toMatch(/^---$/m);
    expect((await run(standIn, ['migrate', 'shop', '--plan', '--deployment', 'none'])).code).toBe(2);
  });

  it('refuses to run without --plan, and for an online endpoint', async () => {
    const bare = await run(standIn, ['migrate', 'old-loans']);
    expect(bare.code).toBe(2);
    expect(bare.error).toContain('Give --plan');
    const online = await run(standIn, ['migrate', 'loans', '--plan']);
    expect(online.code).toBe(2);
    expect(online.error).toContain('is an online endpoint already');
    expect((await run(standIn, ['migrate', 'nobody', '--plan'])).code).toBe(4);
  });
});
