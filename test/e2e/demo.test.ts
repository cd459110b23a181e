import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
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

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'stores what waits and leaves nothing behind on %s',
    async (signal) => {
      const temporary = await mkdtemp(path.join(tmpdir(), 'azureml-ts-keep-'));
      const command = [
        path.join(ROOT, 'scripts', 'supervise.mjs'),
        '--',
        process.execPath,
        path.join(EXAMPLE, 'demo.ts'),
      ];
      const child = spawn(process.execPath, [...command, '--keep'], {
        env: { ...process.env, TMPDIR: temporary },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      try {
        let text = '';
        const curl = new Promise<string>((resolve) => {
          for (const stream of [child.stdout, child.stderr]) {
            stream.on('data', (piece) => {
              text += piece;
              const url = /curl .*(http:\/\/127\.0\.0\.1:\d+\/score)/.exec(text)?.[1];
              if (url !== undefined) {
                resolve(url);
              }
            });
          }
        });
        const url = await curl;
        // A row that waits for its time when the signal comes.
        const answer = await fetch(url, { method: 'POST', body: '{"data":[[59,2,32.1,101,157,93.2,38,4,4.8598,87]]}' });
        expect(await answer.json()).toEqual({ predictions: [192.10595694839768] });
        const asked = Date.now();
        child.kill(signal);
        await once(child, 'close');
        expect(Date.now() - asked).toBeLessThan(8_000);
        expect(text).not.toContain('given up');
        expect(await readdir(temporary)).toEqual([]);
      } finally {
        child.kill('SIGKILL');
        await rm(temporary, { recursive: true, force: true });
      }
    },
    90_000,
  );
});
