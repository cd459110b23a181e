import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../support/checkout.ts';
import { PACKAGES } from '../support/packages.ts';
import { type Packed, packAll, packedOf } from '../support/packed.ts';
import { runNode } from '../support/run.ts';

const PUBLINT = join(ROOT, 'node_modules', 'publint', 'src', 'cli.js');
const ATTW = join(ROOT, 'node_modules', '@arethetypeswrong', 'cli', 'dist', 'index.js');
const names = PACKAGES.map((entry) => entry.name);

describe('the packed packages', () => {
  let packed: Record<string, Packed>;

  beforeAll(async () => {
    packed = await packAll();
  }, 120_000);

  it.each(names)('%s passes publint without a warning', async (name) => {
    const { code, stdout, stderr } = await runNode([PUBLINT, packedOf(packed, name).tarball, '--strict']);
    expect(`${code}\n${stdout}${stderr}`).toMatch(/^0\n/);
  });

  it.each(names)('%s has types that fit its files, for every way to resolve them', async (name) => {
    const { code, stdout, stderr } = await runNode([ATTW, packedOf(packed, name).tarball, '--format', 'ascii']);
    expect(`${code}\n${stdout}${stderr}`).toMatch(/^0\n/);
  });

  it.each(names)('%s holds its license and its README, and no sources or tests', (name) => {
    const { folder } = packedOf(packed, name);
    expect(existsSync(join(folder, 'LICENSE'))).toBe(true);
    expect(existsSync(join(folder, 'README.md'))).toBe(true);
    expect(existsSync(join(folder, 'dist'))).toBe(true);
    expect(existsSync(join(folder, 'src'))).toBe(false);
    expect(existsSync(join(folder, 'test'))).toBe(false);
  });
});
