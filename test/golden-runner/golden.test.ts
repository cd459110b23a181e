import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
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

describe('the recordings of the inference server', () => {
  it.each([
    ['azmlinfsrv_1.5.1_scoring.ndjson', 'a8d26ec1fddecbe95641223de6171be1d6607ab7f34f364235ae6556119271eb'],
    ['azmlinfsrv_1.5.1_init_failure.ndjson', '6358424ec37267b0289c337d284e26922c72e60f17e875a9e52877c6a52763b6'],
  ])('are as they were made: %s', (name, hash) => {
    const bytes = readFileSync(join(ROOT, 'test', 'golden', 'inference-server', name));

    expect(createHash('sha256').update(bytes).digest('hex')).toBe(hash);
  });
});

describe('docs/compatibility.md', () => {
  it('is what the rules say: npm run test:golden -- --write', async () => {
    expect(readCheckoutFile('docs/compatibility.md')).toBe(compatibilityPage());
  });
});
