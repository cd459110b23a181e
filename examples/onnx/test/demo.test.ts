import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { STATE } from '../../../test/support/checkout.ts';
import { runNode } from '../../../test/support/run.ts';

const EXAMPLE = path.join(__dirname, '..');
let copy: string;

beforeEach(async () => {
  await mkdir(STATE, { recursive: true });
  copy = await mkdtemp(path.join(STATE, 'onnx-'));
});
afterEach(() => rm(copy, { recursive: true, force: true }));

describe('the ONNX example', () => {
  it('scores as scikit-learn does, stores the tensors, and prints what its page shows', async () => {
    const { code, stdout, stderr } = await runNode([path.join(EXAMPLE, 'demo.ts')], {
      timeoutMs: 90_000,
      env: { TMPDIR: copy },
    });
    expect(`${code}\n${stderr}`).toMatch(/^0\n/);
    expect(stdout).toBe(await readFile(path.join(EXAMPLE, 'expected-output.txt'), 'utf8'));
    expect(await readdir(copy)).toEqual([]);
  }, 120_000);

  it('ends with 1, and says what did not hold, when the model answers otherwise', async () => {
    const example = path.join(copy, 'onnx');
    await cp(EXAMPLE, example, { recursive: true, filter: (file) => !file.includes('test') });
    const file = path.join(example, 'model', 'expected.json');
    const expected = JSON.parse(await readFile(file, 'utf8'));
    await writeFile(file, JSON.stringify({ ...expected, labels: [2, ...expected.labels.slice(1)] }));
    const { code, stderr } = await runNode([path.join(example, 'demo.ts')], { timeoutMs: 90_000 });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^the example failed: it did not hold that flower 0 is what scikit-learn takes it for$/m);
  }, 120_000);
});
