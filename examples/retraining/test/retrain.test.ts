import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { STATE } from '../../../test/support/checkout.ts';
import { runNode } from '../../../test/support/run.ts';

const EXAMPLE = path.join(__dirname, '..');
const COMMAND = path.join(EXAMPLE, 'retrain.ts');
let temporary: string;

beforeEach(async () => {
  temporary = await mkdtemp(path.join(tmpdir(), 'azureml-ts-retrain-test-'));
});
afterEach(() => rm(temporary, { recursive: true, force: true }));

describe('the retraining', () => {
  it('ends with the new model in service, and prints what its page shows, in every run', async () => {
    const out = path.join(temporary, 'out');
    const own = path.join(temporary, 'own');
    await mkdir(own);
    const { code, stdout, stderr } = await runNode([COMMAND, '--out', out], {
      timeoutMs: 90_000,
      env: { TMPDIR: own },
    });
    expect(`${code}\n${stderr}`).toMatch(/^0\n/);
    expect(stdout).toBe(await readFile(path.join(EXAMPLE, 'expected-output.txt'), 'utf8'));
    expect(await readdir(own)).toEqual([]);
    const manifest = JSON.parse(await readFile(path.join(out, 'training', 'manifest.json'), 'utf8'));
    expect(manifest.rows).toMatchObject({
      written: 382,
      read: { left: 402, right: 402, labels: 384 },
      dropped: { leftOnly: 0, rightOnly: 0, rowsWithoutLabel: 20, labelsWithoutRow: 1, duplicateLabels: 1 },
    });
    for (const { path: file, sha256 } of manifest.files) {
      const bytes = await readFile(path.join(out, 'training', file));
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(sha256);
    }
    const model = JSON.parse(await readFile(path.join(out, 'model-2', 'model.json'), 'utf8'));
    expect(model).toMatchObject({ format: 'linear-model/1', trainedOn: 293 });
  }, 120_000);

  it('leaves the old model in service, and ends with 1, when the new one is no better', async () => {
    await mkdir(STATE, { recursive: true });
    const copy = await mkdtemp(path.join(STATE, 'retraining-'));
    try {
      const example = path.join(copy, 'retraining');
      await cp(EXAMPLE, example, { recursive: true, filter: (file) => !file.includes('node_modules') });
      await cp(path.join(EXAMPLE, '..', 'diabetes', 'data'), path.join(copy, 'diabetes', 'data'), { recursive: true });
      const step = path.join(example, 'steps', 'scenario.ts');
      const text = await readFile(step, 'utf8');
      // Held down so much, the new model learns nothing but the mean.
      const changed = text.replace('...train }, RIDGE)', '...train }, 1e12)');
      expect(changed).not.toBe(text);
      await writeFile(step, changed);
      const { code, stdout, stderr } = await runNode([path.join(example, 'retrain.ts')], { timeoutMs: 90_000 });
      expect(code).toBe(1);
      expect(stderr).toMatch(/^retraining failed: it did not hold that the new model is better/m);
      expect(stdout).not.toContain('model 2: trained');
    } finally {
      await rm(copy, { recursive: true, force: true });
    }
  }, 120_000);

  it('leaves nothing behind on SIGTERM', async () => {
    const child = spawn(process.execPath, [COMMAND], {
      env: { ...process.env, TMPDIR: temporary },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let text = '';
    const inService = new Promise<void>((resolve) => {
      for (const stream of [child.stdout, child.stderr]) {
        stream.on('data', (piece) => {
          text += piece;
          if (text.includes('model 1: trained')) {
            resolve();
          }
        });
      }
    });
    try {
      await Promise.race([inService, once(child, 'close')]);
      child.kill('SIGTERM');
      const [code] = await once(child, 'close');
      expect([code, text]).toEqual([143, expect.not.stringContaining('retraining failed')]);
      expect(await readdir(temporary)).toEqual([]);
    } finally {
      child.kill('SIGKILL');
    }
  }, 60_000);

  it('says how it is used', async () => {
    expect(await runNode([COMMAND, '--help'])).toMatchObject({ code: 0, stdout: expect.stringContaining('--out DIR') });
    expect(await runNode([COMMAND, '--nope'])).toMatchObject({ code: 2, stderr: expect.stringContaining("'--nope'") });
  });
});
