import { lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCommand } from './command.ts';

/** A project outside the checkout that has installed packages with npm, as a user does. */
export interface InstalledProject extends Disposable {
  readonly folder: string;
  /** Bytes of all files in `node_modules`, as `du -b` adds them up without the folders themselves. */
  readonly bytes: number;
}

/**
 * Packs our packages as they would be published, and installs some of them in an empty project.
 *
 * @param names Packages of ours: one to measure, and those of ours that it needs, which no registry has.
 */
export async function installPacked(names: readonly string[]): Promise<InstalledProject> {
  const pack = fileURLToPath(new URL('../../../scripts/pack.mjs', import.meta.url));
  const packed = JSON.parse(await runCommand(process.execPath, [pack])) as Record<string, { tarball: string }>;
  return install(names.map((name) => packed[name]?.tarball ?? name));
}

/** Installs packages in an empty project. */
export async function install(specifiers: readonly string[]): Promise<InstalledProject> {
  const folder = mkdtempSync(join(tmpdir(), 'azureml-ts-bench-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    writeFileSync(join(folder, 'package.json'), '{ "name": "empty", "private": true, "type": "module" }\n');
    const flags = ['--no-audit', '--no-fund', '--loglevel=error', '--fetch-retries=1'];
    // npm chooses versions that fit the Node that runs it: this one, not the one that may be first on the path.
    const PATH = `${dirname(process.execPath)}${delimiter}${process.env['PATH'] ?? ''}`;
    await runCommand('npm', ['install', ...flags, ...specifiers], { cwd: folder, env: { PATH } });
  } catch (error) {
    remove();
    throw error;
  }
  return { folder, bytes: bytesBelow(join(folder, 'node_modules')), [Symbol.dispose]: remove };
}

/** Version of a package that a project has installed. */
export function installedVersion(project: InstalledProject, name: string): string {
  const text = readFileSync(join(project.folder, 'node_modules', name, 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

function bytesBelow(folder: string): number {
  let bytes = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isDirectory()) {
      bytes += lstatSync(join(entry.parentPath, entry.name)).size;
    }
  }
  return bytes;
}
