import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { hashFiles } from './hash.mjs';
import { ROOT } from './paths.mjs';
import { PlainError, say, tail } from './say.mjs';
import { superviseQuietly } from './supervise.mjs';

/** The package manager; npm fetches it, so that npm alone has to be there. */
export const PNPM = ['-y', 'pnpm@12.21.0'];

/**
 * Installs the dependencies of the lock file, unless exactly they are there already.
 *
 * @param {string} [root] The checkout.
 */
export async function ensureInstalled(root = ROOT) {
  if (isInstalled(root)) {
    return;
  }
  const started = Date.now();
  say('installing the dependencies (the first time takes about half a minute)');
  rmSync(stampFile(root), { force: true });
  const { code, output } = await superviseQuietly('npx', [...PNPM, 'install', '--frozen-lockfile'], {
    cwd: root,
    // Never a question, whatever the state of node_modules.
    env: { ...process.env, CI: 'true' },
  });
  if (code !== 0) {
    throw new PlainError(
      `${tail(output)}\n\nazureml-ts: the installation failed with exit code ${code} (its last lines are above). ` +
        'Check that the npm registry can be reached (`npm ping`), and that pnpm-lock.yaml fits the package.json files.',
    );
  }
  writeInstallStamp(root);
  say(`installed the dependencies (${((Date.now() - started) / 1000).toFixed(1)} s)`);
}

/** Whether the last installation was of the files as they are now, and is still there. */
export function isInstalled(root = ROOT) {
  return (
    existsSync(stampFile(root)) &&
    readFileSync(stampFile(root), 'utf8') === installHash(root) &&
    manifests(root)
      .filter((file) => Object.keys(JSON.parse(readFileSync(file, 'utf8')).dependencies ?? {}).length > 0)
      .every((file) => existsSync(join(dirname(file), 'node_modules')))
  );
}

/** Notes that what is installed is what the files ask for. */
export function writeInstallStamp(root = ROOT) {
  mkdirSync(join(root, 'node_modules'), { recursive: true });
  writeFileSync(stampFile(root), installHash(root));
}

function stampFile(root) {
  return join(root, 'node_modules', '.azureml-ts-installed');
}

function installHash(root) {
  const files = ['pnpm-lock.yaml', 'pnpm-workspace.yaml', '.npmrc'].map((name) => join(root, name));
  return hashFiles(root, [...files, ...manifests(root)], [process.platform, process.arch]);
}

function manifests(root) {
  const members = ['packages', 'examples'].flatMap((folder) =>
    existsSync(join(root, folder)) ? readdirSync(join(root, folder)).map((name) => join(root, folder, name)) : [],
  );
  return [root, ...members].map((folder) => join(folder, 'package.json')).filter((file) => existsSync(file));
}
