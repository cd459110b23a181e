import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCommand } from './command.ts';

const FOLDERS = fileURLToPath(new URL('../../../.build/bench/', import.meta.url));

/**
 * The Python of a virtual environment with a package in it, made once and kept with the other state of the scripts.
 *
 * @param name The package as pip knows it.
 * @param version Its version.
 * @param modules What is imported of it and of what it brings, as after `import`.
 * @returns Path of the interpreter.
 * @throws Error saying why there is none.
 */
export async function pythonWith(name: string, version: string, modules: string): Promise<string> {
  const requirement = `${name}==${version}`;
  const folder = join(FOLDERS, `python-${name}`);
  const check = `import ${modules}, importlib.metadata as m; assert m.version('${name}') == '${version}'`;
  const python = join(folder, 'bin', 'python');
  if (existsSync(python)) {
    const isThere = await runCommand(python, ['-c', check]).then(
      () => true,
      () => false,
    );
    if (isThere) {
      return python;
    }
    rmSync(folder, { recursive: true, force: true });
  }
  try {
    await runCommand('python3', ['-m', 'venv', folder]);
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--retries', '1'];
    await runCommand(python, [...pip, requirement]);
    await runCommand(python, ['-c', check]);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw new Error(`Python with ${requirement} is not available here. ${error instanceof Error ? error.message : ''}`);
  }
  return python;
}
