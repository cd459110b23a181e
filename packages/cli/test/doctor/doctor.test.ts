import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type AzureStandIn, startAzureStandIn } from '@azureml-ts/testing';
import { main } from '../../src/index.ts';
import { ioFor, RecordedIo } from '../recorded-io.ts';
import { examine } from './examine.ts';

let standIn: AzureStandIn;
let folder: string;

beforeEach(async () => {
  standIn = await startAzureStandIn();
  folder = mkdtempSync(join(tmpdir(), 'doctor-'));
});
afterEach(async () => {
  await standIn.close();
  rmSync(folder, { recursive: true });
});

function storage(): readonly string[] {
  return ['--storage', pathToFileURL(folder).href];
}

describe('azureml-ts doctor of a workspace', () => {
  it('finds everything in order', async () => {
    const { code, statuses, of } = await examine(storage(), ioFor(standIn));
    expect(statuses).toEqual({
      config: 'ok',
      'sign-in': 'ok',
      clock: 'ok',
      workspace: 'ok',
      'app-insights': 'ok',
      storage: 'ok',
    });
    expect(of('sign-in')[0]?.message).toContain('of tenant 77777777-6666-5555-4444-333333333333');
    expect(code).toBe(0);
  });

  it('says what is missing when there is no config, and looks at nothing that needs it', async () => {
    const { code, statuses, of } = await examine([...storage(), '--config', folder], new RecordedIo());
    expect(statuses).toEqual({
      config: 'fail',
      'sign-in': 'skip',
      clock: 'skip',
      workspace: 'skip',
      'app-insights': 'skip',
      storage: 'skip',
    });
    expect(of('config')[0]).toMatchObject({
      code: 'CONFIG_FILE_NOT_FOUND',
      fix: expect.stringContaining('config.json'),
    });
    expect(code).toBe(1);
  });

  it.each([Number.POSITIVE_INFINITY, Number.MAX_SAFE_INTEGER, Number.NaN])(
    'takes a token that ends at %p',
    async (expiresOnTimestamp) => {
      const io = ioFor(standIn);
      const { credential } = standIn;
      io.access = {
        ...io.access,
        credential: {
          getToken: async (scopes: string | string[]) => ({
            token: (await credential.getToken(scopes)).token,
            expiresOnTimestamp,
          }),
        },
      };
      const { of } = await examine(storage(), io);
      expect(of('sign-in')).toEqual([
        expect.objectContaining({ status: 'ok', message: expect.stringMatching(/, which does not say when it ends$/) }),
      ]);
    },
  );

  it('tells a sign-in that gives no token', async () => {
    const io = ioFor(standIn);
    io.access = {
      ...io.access,
      credential: { getToken: () => Promise.reject(new Error('AADSTS50020: not in tenant X')) },
    };
    const { code, statuses, of } = await examine(storage(), io);
    expect(statuses).toMatchObject({ config: 'ok', 'sign-in': 'fail', workspace: 'skip' });
    expect(of('sign-in')[0]).toMatchObject({
      message: expect.stringContaining('AADSTS50020'),
      fix: expect.stringContaining('az login'),
    });
    expect(code).toBe(1);
  });

  it.each([
    [403, 'PERMISSION_DENIED', /Reader/],
    [404, 'WORKSPACE_NOT_FOUND', /--tenant-id/],
    [401, 'AUTHENTICATION_FAILED', /az login/],
  ])('tells a workspace that answers %d', async (status, code, fix) => {
    standIn.fail({ status, url: '/workspaces/', times: Number.POSITIVE_INFINITY });
    const found = await examine(storage(), ioFor(standIn));
    expect(found.of('workspace')[0]).toMatchObject({ status: 'fail', code, fix: expect.stringMatching(fix) });
    expect(found.statuses).toMatchObject({ 'app-insights': 'skip' });
    expect(found.code).toBe(1);
  });

  it('warns of a workspace without Application Insights, which is no failure', async () => {
    (standIn.workspace['properties'] as Record<string, unknown>)['applicationInsights'] = null;
    const { code, of } = await examine(storage(), ioFor(standIn));
    expect(of('app-insights')[0]).toMatchObject({
      status: 'warn',
      fix: expect.stringContaining('az ml workspace update'),
    });
    expect(code).toBe(0);
  });

  it.each([
    [30, 'ok', /agrees|s ahead/],
    [120, 'warn', /1[12]\d s ahead of that of Azure/],
    [3_600, 'fail', /3[56]\d\d s ahead of that of Azure/],
    [-3_600, 'fail', /3[56]\d\d s behind that of Azure/],
  ])('compares the clocks: %d s of difference are %s', async (seconds, status, message) => {
    standIn.fail({
      status: 200,
      body: standIn.workspace,
      headers: { date: new Date(Date.now() - seconds * 1000).toUTCString() },
      times: Number.POSITIVE_INFINITY,
    });
    const { of } = await examine(storage(), ioFor(standIn));
    expect(of('clock')[0]).toMatchObject({ status, message: expect.stringMatching(message) });
  });

  it('asks the workspace for its storage when none is named, and tells a refusal', async () => {
    standIn.fail({ url: '/datastores', status: 403, times: Number.POSITIVE_INFINITY });
    const { code, of } = await examine([], ioFor(standIn));
    expect(of('storage')).toEqual([
      expect.objectContaining({
        status: 'fail',
        code: 'PERMISSION_DENIED',
        fix: expect.stringContaining('Storage Blob Data Reader'),
      }),
    ]);
    expect(code).toBe(1);
  });

  it('tells a storage that cannot be used', async () => {
    const io = ioFor(standIn);
    const code = await main(['doctor', '--storage', 'nonsense'], io);
    expect(io.out).toMatch(/^fail {2}storage .*\n {20}fix: Give --storage/m);
    expect(code).toBe(1);
  });

  it('prints a line a finding with its fix, and marks failures for the build system', async () => {
    standIn.fail({ status: 403, url: '/workspaces/', times: Number.POSITIVE_INFINITY });
    const io = ioFor(standIn, { GITHUB_ACTIONS: 'true' });
    expect(await main(['doctor', '--storage', pathToFileURL(folder).href], io)).toBe(1);
    expect(io.out).toMatch(/^ok {4}config {8}workspace ws1, resource group rg1, .* \(from the environment\)\n/);
    expect(io.out).toMatch(/^fail {2}workspace .*\n {20}fix: Ask for the role Reader/m);
    expect(io.error).toMatch(/^::error title=azureml-ts::workspace: .*\[PERMISSION_DENIED\]$/m);
    expect(io.error).toMatch(/^azureml-ts: \d ok, .*fail/m);
  });

  it('ends with 130 on Ctrl-C', async () => {
    const abort = new AbortController();
    standIn.fail({ url: '/workspaces/', onHit: () => abort.abort(new Error('Interrupted')) });
    const io = ioFor(standIn);
    io.abortSignal = abort.signal;
    expect(await main(['doctor'], io)).toBe(130);
    expect(io.error).toBe('');
  });
});
