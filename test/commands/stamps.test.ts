import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from '../support/checkout.ts';
import { evaluate } from '../support/run.ts';

let root: string;

function write(name: string, text: string) {
  mkdirSync(dirname(join(root, name)), { recursive: true });
  writeFileSync(join(root, name), text);
}

function script(name: string): string {
  return JSON.stringify(pathToFileURL(join(ROOT, 'scripts', name)).href);
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'azureml-ts-stamps-'));
  write('package.json', '{ "name": "house" }');
  write('pnpm-lock.yaml', 'lockfileVersion: 9');
  write('pnpm-workspace.yaml', 'packages: [packages/*]');
  write('tsup.base.ts', '');
  write('packages/low/package.json', '{ "name": "@x/low" }');
  write('packages/low/src/index.ts', 'export const low = 1;');
  write('packages/high/package.json', '{ "name": "@x/high", "dependencies": { "@x/low": "workspace:*" } }');
  write('packages/high/src/index.ts', 'export const high = 1;');
  mkdirSync(join(root, 'packages/high/node_modules'));
  write('packages/alone/package.json', '{ "name": "@x/alone" }');
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

describe('the stamp of the installation', () => {
  const isInstalled = () =>
    evaluate(`
      const { isInstalled } = await import(${script('install.mjs')});
      console.log(isInstalled(${JSON.stringify(root)}));`);

  beforeEach(() =>
    evaluate(`
      const { writeInstallStamp } = await import(${script('install.mjs')});
      writeInstallStamp(${JSON.stringify(root)});
      console.log(null);`),
  );

  it('holds while nothing changed', async () => {
    expect(await isInstalled()).toBe(true);
  });

  it.each(['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json', 'packages/low/package.json'])(
    'no longer holds when %s changes',
    async (name) => {
      write(name, '{ "name": "other" }');
      expect(await isInstalled()).toBe(false);
    },
  );

  it('no longer holds when a package comes in', async () => {
    write('packages/new/package.json', '{ "name": "@x/new" }');
    expect(await isInstalled()).toBe(false);
  });

  it('no longer holds when what was installed was deleted', async () => {
    rmSync(join(root, 'packages/high/node_modules'), { recursive: true });
    expect(await isInstalled()).toBe(false);
    mkdirSync(join(root, 'packages/high/node_modules'));
    rmSync(join(root, 'node_modules'), { recursive: true });
    expect(await isInstalled()).toBe(false);
  });
});

describe('the stamps of the builds', () => {
  const hashes = async () =>
    (await evaluate(`
      const { buildHashes } = await import(${script('build.mjs')});
      const { workspacePackages } = await import(${script('packages.mjs')});
      const root = ${JSON.stringify(root)};
      console.log(JSON.stringify(Object.fromEntries(buildHashes(workspacePackages(root), root))));`)) as Record<
      string,
      string
    >;

  /** Names of the packages whose hash a change of the files changes. */
  async function changedBy(change: () => void): Promise<string[]> {
    const before = await hashes();
    change();
    const after = await hashes();
    return Object.keys(after).filter((name) => after[name] !== before[name]);
  }

  it('stay the same while nothing changed', async () => {
    expect(await changedBy(() => {})).toEqual([]);
  });

  it('change for a package and for those that depend on it', async () => {
    expect(await changedBy(() => write('packages/low/src/index.ts', 'export const low = 2;'))).toEqual([
      '@x/low',
      '@x/high',
    ]);
    expect(await changedBy(() => write('packages/high/src/more.ts', 'export {};'))).toEqual(['@x/high']);
  });

  it('change for all when the shared configuration changes', async () => {
    expect(await changedBy(() => write('tsup.base.ts', '// other'))).toEqual(['@x/alone', '@x/low', '@x/high']);
  });
});

describe('the order of the packages', () => {
  it('puts each one after those it depends on', async () => {
    const names = await evaluate(`
      const { workspacePackages } = await import(${script('packages.mjs')});
      console.log(JSON.stringify(workspacePackages(${JSON.stringify(root)}).map((entry) => entry.shortName)));`);
    expect(names).toEqual(['alone', 'low', 'high']);
  });
});
