import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../support/checkout.ts';
import { readCheckoutFile } from '../support/markdown.ts';
import { runNode } from '../support/run.ts';
import { compatibilityPage } from './page.ts';

const MAIN = join(ROOT, 'test', 'golden-runner', 'main.ts');

describe('npm run test:golden', () => {
  it('finds no difference to the committed recordings that the rules do not explain', async () => {
    const { code, stdout, stderr } = await runNode([MAIN], { env: { AZUREML_TS_GOLDEN: '' }, timeoutMs: 120_000 });

    expect(stdout.split('\n').filter((line) => /^(failed| {10})/.test(line))).toEqual([]);
    expect(stdout).toMatch(/^\d+ equal, \d+ explained by rules, \d+ not run\n[1-9]\d* passed, 0 failed\n$/m);
    expect({ code, stderr: stderr.includes('Error') }).toEqual({ code: 0, stderr: false });
  }, 130_000);

  it('plays the folder that a variable names, and fails when there is nothing in it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'golden-'));
    try {
      const { code, stdout } = await runNode([MAIN], { env: { AZUREML_TS_GOLDEN: folder } });
      expect(stdout).toMatch(/no recording was run\n.*\n0 passed, 1 failed\n$/);
      expect(code).toBe(1);
    } finally {
      await rm(folder, { recursive: true });
    }
    const missing = await runNode([MAIN], { env: { AZUREML_TS_GOLDEN: join(folder, 'missing') } });
    expect(missing).toMatchObject({ code: 1, stdout: '0 passed, 1 failed\n', stderr: expect.stringContaining(folder) });
  });
});

describe('docs/compatibility.md', () => {
  it('is what the rules say: npm run test:golden -- --write', async () => {
    expect(readCheckoutFile('docs/compatibility.md')).toBe(compatibilityPage());
  });
});
