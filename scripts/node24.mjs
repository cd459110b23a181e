import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './paths.mjs';
import { PlainError, say } from './say.mjs';

/**
 * Finds the Node 24 of the lock file, under which everything is built and tested.
 *
 * The installation passes over it without a word where the lock file has none for a platform, and a script would
 * then run under the system's Node: so the version is asked for, not assumed.
 *
 * @param {{ root?: string, platform?: string, arch?: string, current?: string, execPath?: string }} [options]
 *   For tests; the defaults describe this process.
 * @returns {string} Path of the executable.
 */
export function findNode24({
  root = ROOT,
  platform = process.platform,
  arch = process.arch,
  current = process.version,
  execPath = process.execPath,
} = {}) {
  const file = join(root, 'node_modules', '.bin', 'node');
  const version = existsSync(file) ? versionOf(file) : undefined;
  if (version?.startsWith('v24.')) {
    return file;
  }
  const problem =
    `Node 24 could not be taken from the lock file for ${platform} ${arch}: ` +
    (version === undefined ? 'node_modules/.bin/node is not there or does not run.' : `what is there is ${version}.`);
  const [major = 0, minor = 0] = current.slice(1).split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 18)) {
    say(`warning: ${problem} Going on under this Node, ${current}; results can differ from those under Node 24.`);
    return execPath;
  }
  throw new PlainError(
    `${problem} This process runs under ${current}, which cannot take its place. ` +
      'Install Node 24 (https://nodejs.org), put it first on the PATH and run the command again; ' +
      'or, where the lock file has Node 24 for this platform, delete node_modules and run the command again.',
  );
}

function versionOf(file) {
  try {
    return execFileSync(file, ['-p', 'process.version'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return undefined;
  }
}
