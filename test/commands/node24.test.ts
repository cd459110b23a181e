import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from '../support/checkout.ts';
import { runNode } from '../support/run.ts';

const MODULE = pathToFileURL(join(ROOT, 'scripts', 'node24.mjs')).href;

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'azureml-ts-node24-'));
  mkdirSync(join(root, 'node_modules', '.bin'), { recursive: true });
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Looks for Node 24 as the scripts do, on a machine with the given Node. */
function find(current: string) {
  const options = { root, platform: 'darwin', arch: 'arm64', current, execPath: '/opt/node' };
  const code = `
    const { findNode24 } = await import(${JSON.stringify(MODULE)});
    try {
      console.log(findNode24(${JSON.stringify(options)}));
    } catch (error) {
      console.error(error.message);
      process.exitCode = error.exitCode;
    }`;
  return runNode(['--input-type=module', '--eval', code]);
}

/** Puts a file in the place of Node 24 that answers with a version. */
function install(version: string) {
  const file = join(root, 'node_modules', '.bin', 'node');
  writeFileSync(file, `#!/bin/sh\necho ${version}\n`);
  chmodSync(file, 0o755);
}

describe('finding Node 24', () => {
  it('takes the one that the lock file brought', async () => {
    symlinkSync(join(ROOT, 'node_modules', '.bin', 'node'), join(root, 'node_modules', '.bin', 'node'));
    const { code, stdout, stderr } = await find('v20.20.0');
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout.trim()).toBe(join(root, 'node_modules', '.bin', 'node'));
  });

  it('fails on an older Node with what is missing, for which platform, and what to do', async () => {
    const { code, stdout, stderr } = await find('v20.20.0');
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toContain('Node 24 could not be taken from the lock file for darwin arm64');
    expect(stderr).toContain('v20.20.0');
    expect(stderr).toContain('Install Node 24');
    expect(stderr).not.toContain('    at ');
  });

  it('does not take another version that stands in its place', async () => {
    install('v22.3.0');
    const { code, stderr } = await find('v22.17.9');
    expect(code).toBe(1);
    expect(stderr).toContain('what is there is v22.3.0');
  });

  it('goes on under Node 22.18 or newer with a warning', async () => {
    const { code, stdout, stderr } = await find('v22.18.0');
    expect(code).toBe(0);
    expect(stdout.trim()).toBe('/opt/node');
    expect(stderr).toMatch(/^azureml-ts: warning: Node 24 could not be taken .* Going on under this Node, v22\.18\.0/);
  });
});
