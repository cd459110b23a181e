import type { AzureStandIn } from '@azureml-ts/testing';
import { ioFor } from '../../recorded-io.ts';
import { run, runJson, startLoans } from './service-commands.ts';

let standIn: AzureStandIn;

beforeEach(async () => {
  standIn = await startLoans();
});
afterEach(() => standIn.close());

describe('azureml-ts service keys', () => {
  it('masks the keys, and tells them apart by fingerprints', async () => {
    const { code, out } = await run(standIn, ['keys', 'loans']);
    expect(code).toBe(0);
    expect(out).toMatch(/^primaryKey +[0-9a-f]{12} +\[redacted\]$/m);
    const { document } = await runJson(standIn, ['keys', 'loans']);
    expect(document).toMatchObject({ isShown: false, keys: { primaryKey: '[redacted]', secondaryKey: '[redacted]' } });
  });

  it('shows them when asked, and registers them as masks in GitHub Actions', async () => {
    const io = ioFor(standIn, { GITHUB_ACTIONS: 'true' });
    const { document, error } = await runJson(standIn, ['keys', 'loans', '--show'], io);
    const keys = standIn.endpoint('loans')?.keys;
    expect(document.keys).toEqual(keys);
    expect(error).toBe(`::add-mask::${keys?.primaryKey}\n::add-mask::${keys?.secondaryKey}\n`);
    expect((await run(standIn, ['keys', 'loans', '--show'])).error).toBe('');
  });

  it('makes one key anew', async () => {
    const before = { ...standIn.endpoint('loans')?.keys };
    const { code, out } = await run(standIn, ['keys', 'loans', '--regenerate', 'secondary']);
    expect(code).toBe(0);
    expect(standIn.endpoint('loans')?.keys.primaryKey).toBe(before.primaryKey);
    expect(standIn.endpoint('loans')?.keys.secondaryKey).not.toBe(before.secondaryKey);
    expect(out).not.toContain(standIn.endpoint('loans')?.keys.secondaryKey);
  });

  it('rotates, and waits in between until clients have the new key', async () => {
    const before = { ...standIn.endpoint('loans')?.keys };
    const io = ioFor(standIn);
    let primaryWhenAsked: string | undefined;
    io.ask = async () => {
      primaryWhenAsked = standIn.endpoint('loans')?.keys.primaryKey;
      return 'yes';
    };
    expect((await run(standIn, ['keys', 'loans', '--rotate'], io)).code).toBe(0);
    const after = standIn.endpoint('loans')?.keys;
    expect(primaryWhenAsked).toBe(before.primaryKey);
    expect([after?.primaryKey, after?.secondaryKey]).not.toEqual(
      expect.arrayContaining([before.primaryKey, before.secondaryKey]),
    );
  });

  it('leaves the primary key as it is when the answer is no', async () => {
    const before = { ...standIn.endpoint('loans')?.keys };
    const io = ioFor(standIn);
    io.ask = async () => '';
    const { code, error } = await run(standIn, ['keys', 'loans', '--rotate'], io);
    expect([code, error]).toEqual([1, expect.stringContaining('[NOT_CONFIRMED]')]);
    expect(standIn.endpoint('loans')?.keys.primaryKey).toBe(before.primaryKey);
  });

  it('refuses both at once', async () => {
    expect((await run(standIn, ['keys', 'loans', '--rotate', '--regenerate', 'primary'])).code).toBe(2);
  });
});
