import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ROOT, STATE } from '../support/checkout.ts';
import { runNode } from '../support/run.ts';

const EXAMPLE = path.join(ROOT, 'examples', 'diabetes');

describe('the demo', () => {
  it('holds every check, and prints what its page shows', async () => {
    const { code, stdout, stderr } = await runNode([path.join(EXAMPLE, 'demo.ts')], { timeoutMs: 90_000 });
    expect(`${code}\n${stderr}`).toMatch(/^0\n/);
    const shown = stdout
      .replaceAll(/\/\d{4}\/\d\d\/\d\d\//g, '/<yyyy>/<mm>/<dd>/')
      .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, '<time>                  ')
      .replaceAll(/[A-Za-z0-9]{12}-(\d+)\n/g, '<writer>-$1\n');
    expect(shown).toBe(await readFile(path.join(EXAMPLE, 'expected-output.txt'), 'utf8'));
  }, 120_000);

  it('ends with 1 and one line when a single digit of a prediction differs', async () => {
    await mkdir(STATE, { recursive: true });
    const copy = await mkdtemp(path.join(STATE, 'demo-'));
    try {
      await cp(EXAMPLE, copy, { recursive: true, filter: (file) => !file.includes('node_modules') });
      const predictions = path.join(copy, 'model', 'sklearn_predictions.json');
      const text = await readFile(predictions, 'utf8');
      // Not the last digit: two texts that differ there can be the same number.
      const changed = text.replace(/(\d)(\d\s*\]\s*)$/, (_, digit, rest) => `${digit === '1' ? '2' : '1'}${rest}`);
      expect(changed).not.toBe(text);
      await writeFile(predictions, changed);
      const { code, stderr } = await runNode([path.join(copy, 'demo.ts')], { timeoutMs: 90_000 });
      expect(code).toBe(1);
      expect(stderr).toMatch(/^demo failed: .*prediction/m);
      expect(stderr.match(/^demo failed: /gm)).toHaveLength(1);
    } finally {
      await rm(copy, { recursive: true, force: true });
    }
  }, 120_000);
});
