import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { openStandIn } from '../support/stand-in.ts';

const SCRIPT = resolve(__dirname, 'fixtures/sign-in.mjs');

interface Told {
  readonly atStart: string[];
  readonly loaded: string[];
  readonly outcome: { token?: string; code?: string; message?: string; tried?: { name: string; reason: string }[] };
}

/** An Azure CLI that tells how it was called, on the only path that the process looks at. */
const AZ = `#!/bin/sh
echo "$@" >> "$(dirname "$0")/calls"
case "$(cat "$(dirname "$0")/state")" in
  in) echo '{"accessToken":"token-of-az","expires_on":4102444800,"tenant":"t","tokenType":"Bearer"}' ;;
  *) echo 'ERROR: Please run "az login" to setup account.' >&2; exit 1 ;;
esac
`;

describe('signing in, in a process of its own', () => {
  let bin: string;
  beforeEach(async () => {
    bin = await mkdtemp(join(tmpdir(), 'sign-in-'));
  });
  afterEach(() => rm(bin, { recursive: true }));

  async function signIn(env: NodeJS.ProcessEnv = {}, ...args: string[]): Promise<Told> {
    const { stdout } = await promisify(execFile)(process.execPath, [SCRIPT, ...args], {
      // Without the shell's folders no other tool is found, but the shell itself is.
      env: { PATH: `${bin}:${dirname('/bin/sh')}`, HOME: bin, ...env },
    });
    return JSON.parse(stdout);
  }
  async function putAz(state: 'in' | 'out') {
    await writeFile(join(bin, 'az'), AZ);
    await chmod(join(bin, 'az'), 0o755);
    await writeFile(join(bin, 'state'), state);
  }
  const calls = async () => (await readFile(join(bin, 'calls'), 'utf8')).trim().split('\n');

  it('loads no package of Azure before the first token', async () => {
    const { atStart, loaded } = await signIn({ AZUREML_ARM_ACCESS_TOKEN: 'given' });

    expect(atStart).toEqual([]);
    expect(loaded).toEqual([]);
  });

  it.each([[[]], [['cli']]])('uses the Azure CLI that is signed in, by the way %j', async (args) => {
    await putAz('in');
    const { outcome, loaded } = await signIn({}, ...args);

    expect(outcome).toEqual({ token: 'token-of-az' });
    expect(loaded).toContain('@azure/identity');
    expect(await calls()).toEqual([
      expect.stringMatching(/^account get-access-token .*--resource https:\/\/management\.azure\.com/),
    ]);
  });

  it('asks the Azure CLI for the tenant of AZURE_TENANT_ID', async () => {
    await putAz('in');
    await signIn({ AZURE_TENANT_ID: '99999999-8888-7777-6666-555555555555' });

    expect(await calls()).toEqual([expect.stringContaining('--tenant 99999999-8888-7777-6666-555555555555')]);
  });

  it('lists what was tried and what to do where nobody is signed in', async () => {
    await putAz('out');
    const { outcome } = await signIn({ AZURE_CLIENT_SECRET: 'top-secret' });

    expect(outcome.code).toBe('AUTHENTICATION_FAILED');
    expect(outcome.tried?.map(({ name }) => name)).toEqual([
      'service principal (EnvironmentCredential)',
      'Azure CLI',
      'Azure PowerShell',
      'Azure Developer CLI',
    ]);
    expect(outcome.message).toContain('AZURE_TENANT_ID and AZURE_CLIENT_ID are not set');
    expect(outcome.message).toContain('az login');
    expect(outcome.message).not.toContain('top-secret');
  });

  it('reads a workspace over TLS with the address, the certificate and the token of the environment', async () => {
    const { standIn } = await openStandIn({ tls: true });
    const { subscriptionId, resourceGroup, workspaceName, environment } = standIn;
    const args = [resolve(__dirname, 'fixtures/read-workspace.mjs'), subscriptionId, resourceGroup, workspaceName];
    const { stdout } = await promisify(execFile)(process.execPath, args, {
      env: { PATH: bin, HOME: bin, ...environment },
    });

    expect(JSON.parse(stdout)).toEqual({
      location: 'westus',
      modelManagement: expect.stringContaining(`${standIn.url}/modelmanagement/v1.0/subscriptions/${subscriptionId}/`),
    });
    expect(standIn.exchanges().map(({ headers }) => 'authorization' in headers)).toEqual([true, false]);
  });
});
