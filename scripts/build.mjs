import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesBelow, hashFiles } from './hash.mjs';
import { promisedFiles, workspacePackages } from './packages.mjs';
import { ROOT, STATE } from './paths.mjs';
import { PlainError, say, tail } from './say.mjs';
import { superviseQuietly } from './supervise.mjs';

const AT_ONCE = 2;

/**
 * Builds the packages whose sources, or whose dependencies' sources, changed since their last build.
 *
 * @param {string} node Path of Node 24.
 */
export async function ensureBuilt(node) {
  const packages = workspacePackages();
  const hashes = buildHashes(packages);
  const results = new Map();
  // A package waits for its dependencies first and for a free place then, so that no place is held by waiting.
  const places = limiter(AT_ONCE);
  for (const entry of packages) {
    const dependencies = entry.dependencies.map((name) => results.get(name));
    results.set(entry.name, buildAfter(entry, dependencies, hashes.get(entry.name), node, places));
  }
  const settled = await Promise.allSettled(results.values());
  const failures = settled.filter((result) => result.status === 'rejected').map((result) => result.reason);
  if (failures.length > 0) {
    throw new PlainError(failures.map((failure) => failure.message).join('\n\n'), failures[0].exitCode);
  }
}

async function buildAfter(entry, dependencies, hash, node, places) {
  const before = await Promise.allSettled(dependencies);
  if (before.some((result) => result.status === 'rejected')) {
    throw new PlainError(`azureml-ts: ${entry.name} was not built, because a package that it needs was not.`);
  }
  if (!isBuilt(entry, hash)) {
    await places(() => build(entry, hash, node));
  }
}

async function build(entry, hash, node) {
  const started = Date.now();
  rmSync(stampFile(entry), { force: true });
  const tsup = join(ROOT, 'node_modules', 'tsup', 'dist', 'cli-default.js');
  const { code, output } = await superviseQuietly(node, [tsup], { cwd: entry.folder });
  const missing = promisedFiles(entry.manifest).filter((file) => !existsSync(join(entry.folder, file)));
  if (code !== 0 || missing.length > 0) {
    const reason = code !== 0 ? `exit code ${code}` : `not made: ${missing.join(', ')}`;
    throw new PlainError(`${tail(output)}\n\nazureml-ts: building ${entry.name} failed (${reason}).`);
  }
  mkdirSync(join(STATE, 'built'), { recursive: true });
  writeFileSync(stampFile(entry), hash);
  say(`built ${entry.name} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
}

/** Whether the last build was of these sources, and all that the manifest promises is still there. */
export function isBuilt(entry, hash) {
  return (
    existsSync(stampFile(entry)) &&
    readFileSync(stampFile(entry), 'utf8') === hash &&
    promisedFiles(entry.manifest).every((file) => existsSync(join(entry.folder, file)))
  );
}

/** One hash a package over all that its build depends on; `packages` in the order of dependency. */
export function buildHashes(packages, root = ROOT) {
  const hashes = new Map();
  const shared = ['tsup.base.ts', 'tsconfig.base.json', 'pnpm-lock.yaml'].map((name) => join(root, name));
  for (const { name, folder, dependencies } of packages) {
    const own = ['package.json', 'tsconfig.json', 'tsup.config.ts'].map((file) => join(folder, file));
    const files = [...shared, ...own, ...filesBelow(join(folder, 'src'))];
    hashes.set(
      name,
      hashFiles(
        root,
        files,
        dependencies.map((dependency) => hashes.get(dependency) ?? ''),
      ),
    );
  }
  return hashes;
}

/** The stamps stand outside `dist`, which is published as it is. */
function stampFile(entry) {
  return join(STATE, 'built', entry.shortName);
}

/** Runs at most `size` pieces of work at the same time. */
function limiter(size) {
  const waiting = [];
  let free = size;
  return async (work) => {
    if (free === 0) {
      await new Promise((resolve) => waiting.push(resolve));
    } else {
      free -= 1;
    }
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) {
        free += 1;
      } else {
        next();
      }
    }
  };
}
