import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startAzureStandIn } from '@azureml-ts/testing';
import { runNode } from '../../../test/support/run.ts';

const EXAMPLE = path.join(__dirname, '..');
const COMMAND = path.join(EXAMPLE, 'deploy.ts');
let temporary: string;

beforeEach(async () => {
  temporary = await mkdtemp(path.join(tmpdir(), 'azureml-ts-deploy-test-'));
});
afterEach(() => rm(temporary, { recursive: true, force: true }));

/** The output without what differs from run to run. */
function steady(text: string): string {
  return text.replaceAll(/\b[0-9a-f]{16}\b/g, '<content>').replaceAll(/\d+ bytes/g, '<n> bytes');
}

describe('the managed endpoint', () => {
  it('is deployed, scores, is switched and deleted, and prints what its page shows', async () => {
    const { code, stdout, stderr } = await runNode([COMMAND], { timeoutMs: 90_000, env: { TMPDIR: temporary } });
    expect(`${code}\n${stderr}`).toMatch(/^0\n/);
    expect(steady(stdout)).toBe(await readFile(path.join(EXAMPLE, 'expected-output.txt'), 'utf8'));
    expect(await readdir(temporary)).toEqual([]);
  }, 120_000);

  it('goes to the workspace of another config.json, with the way to sign in of this machine', async () => {
    const names = {
      subscriptionId: '11111111-2222-3333-4444-555555555555',
      resourceGroup: 'my-group',
      workspaceName: 'my-workspace',
    };
    // With TLS, so that another process can take it for Azure.
    await using azure = await startAzureStandIn({ ...names, tls: true });
    const config = path.join(temporary, 'config.json');
    await writeFile(
      config,
      JSON.stringify({
        subscription_id: names.subscriptionId,
        resource_group: 'my-group',
        workspace_name: 'my-workspace',
      }),
    );
    const { code, stdout, stderr } = await runNode([COMMAND, '--dry-run', '--config', config], {
      timeoutMs: 60_000,
      env: azure.environment,
    });
    expect(`${code}\n${stderr}`).toBe('0\n');
    const { name, requests } = JSON.parse(stdout) as { name: string; requests: { method: string; url: string }[] };
    const workspace = `${azure.url}/subscriptions/${names.subscriptionId}/resourceGroups/my-group/providers/Microsoft.MachineLearningServices/workspaces/my-workspace`;
    expect(requests.map(({ method, url }) => `${method} ${url.replace(/\?.*/, '')}`)).toEqual([
      `PUT ${workspace}/models/diabetes-example/versions/1`,
      expect.stringMatching(/^PUT .*\/environments\/azureml-ts-diabetes-[0-9a-f]{8}-blue\/versions\/[0-9a-f]{16}$/),
      `PUT ${workspace}/onlineEndpoints/${name}`,
      `PUT ${workspace}/onlineEndpoints/${name}/deployments/blue`,
      `PUT ${workspace}/onlineEndpoints/${name}`,
    ]);
    const asked = azure.exchanges();
    expect(asked.length).toBeGreaterThan(3);
    expect(asked.filter(({ method, answer }) => method !== 'GET' || answer.status === 401)).toEqual([]);
  }, 90_000);

  it('leaves nothing behind on SIGTERM', async () => {
    const child = spawn(process.execPath, [COMMAND], {
      env: { ...process.env, TMPDIR: temporary },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const closed = once(child, 'close');
    let text = '';
    const isDeployed = new Promise<void>((resolve) => {
      for (const stream of [child.stdout, child.stderr]) {
        stream.on('data', (piece) => {
          text += piece;
          if (text.includes('the image runs as a process')) {
            resolve();
          }
        });
      }
    });
    try {
      await Promise.race([isDeployed, closed]);
      child.kill('SIGTERM');
      const [code] = await closed;
      expect([code, text]).toEqual([143, expect.not.stringContaining('deploying failed')]);
      expect(await readdir(temporary)).toEqual([]);
    } finally {
      child.kill('SIGKILL');
    }
  }, 60_000);

  it('says how it is used, and what is wrong with a config.json', async () => {
    expect(await runNode([COMMAND, '--help'])).toMatchObject({ code: 0, stdout: expect.stringContaining('--dry-run') });
    expect(await runNode([COMMAND, '--nope'])).toMatchObject({ code: 2, stderr: expect.stringContaining("'--nope'") });
    const none = path.join(temporary, 'none.json');
    expect(await runNode([COMMAND, '--config', none])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^deploying failed: .*none\.json/m),
    });
  });
});

describe('the service', () => {
  it.each(['score.ts', 'model.ts', 'request.ts'])('has the %s of the diabetes example', async (name) => {
    const [one, other] = await Promise.all(
      [path.join(EXAMPLE, 'service'), path.join(EXAMPLE, '..', 'diabetes')].map((folder) =>
        readFile(path.join(folder, name), 'utf8'),
      ),
    );
    expect(one).toBe(other);
  });

  it('locks all packages that it needs, these ones in their version; write-lock.ts names it anew', async () => {
    const read = async (file: string) => JSON.parse(await readFile(path.join(EXAMPLE, file), 'utf8'));
    const { version } = await read('../../packages/core/package.json');
    const { dependencies } = await read('service/package.json');
    const { packages } = (await read('service/package-lock.json')) as {
      packages: Record<string, { version: string; dependencies?: Record<string, string> }>;
    };
    expect(packages['']?.dependencies).toEqual(dependencies);
    const own = Object.entries(packages).filter(([name]) => name.startsWith('node_modules/@azureml-ts/'));
    expect(own.map(([name, entry]) => [name, entry.version])).toEqual(
      ['common', 'inference-server', 'insights', 'monitoring'].map((name) => [
        `node_modules/@azureml-ts/${name}`,
        version,
      ]),
    );
    const lacking = Object.entries(packages).flatMap(([place, entry]) =>
      Object.keys(entry.dependencies ?? {}).filter((name) => !isFound(packages, place, name)),
    );
    expect(lacking).toEqual([]);
  });
});

/** Whether a package finds another one: beside it, or further out. */
function isFound(packages: object, place: string, name: string): boolean {
  for (let from = place; ; from = from.slice(0, Math.max(0, from.lastIndexOf('node_modules/') - 1))) {
    if (Object.hasOwn(packages, path.posix.join(from, 'node_modules', name))) {
      return true;
    }
    if (from === '') {
      return false;
    }
  }
}
