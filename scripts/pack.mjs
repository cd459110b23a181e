/**
 * Packs the built packages as they would be published, and unpacks them: `node scripts/pack.mjs`.
 *
 * Prints one JSON object: package name -> `{ tarball, folder }`. What was packed once is used again until a file
 * of a package changes, so that several test files share one packing.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { filesBelow, hashFiles } from './hash.mjs';
import { PNPM } from './install.mjs';
import { withLock } from './lock.mjs';
import { promisedFiles, workspacePackages } from './packages.mjs';
import { ROOT, STATE } from './paths.mjs';
import { PlainError, tail } from './say.mjs';
import { superviseQuietly } from './supervise.mjs';

const PACKED = join(STATE, 'packed');
const KEPT_MS = 60 * 60_000;

async function pack() {
  const packages = workspacePackages();
  const missing = packages.flatMap(({ folder, manifest }) =>
    promisedFiles(manifest)
      .map((file) => join(folder, file))
      .filter((file) => !existsSync(file)),
  );
  if (missing.length > 0) {
    throw new PlainError(`Not built: ${missing.join(', ')}. Run \`npm run build\` first.`);
  }
  const folder = join(PACKED, packedHash(packages).slice(0, 16));
  if (!existsSync(folder)) {
    removeOld();
    await packInto(folder, packages);
  }
  return Object.fromEntries(packages.map((entry) => [entry.name, placesOf(entry, folder)]));
}

function packedHash(packages) {
  const files = packages.flatMap(({ folder, manifest }) =>
    [...(manifest.files ?? []), 'package.json'].flatMap((name) => {
      const file = join(folder, name);
      return existsSync(file) && statSync(file).isDirectory() ? filesBelow(file) : [file];
    }),
  );
  return hashFiles(ROOT, [...files, join(ROOT, 'LICENSE'), join(ROOT, 'pnpm-workspace.yaml')]);
}

function placesOf({ shortName, manifest }, folder) {
  const file = `${manifest.name.slice(1).replace('/', '-')}-${manifest.version}.tgz`;
  return { tarball: join(folder, file), folder: join(folder, shortName, 'package') };
}

/** Into a draft first: the folder with the final name is always whole. */
async function packInto(folder, packages) {
  const draft = `${folder}.draft`;
  rmSync(draft, { recursive: true, force: true });
  const filter = ['-r', '--filter', './packages/*'];
  await step('npx', [...PNPM, ...filter, 'pack', '--pack-destination', draft]);
  for (const entry of packages) {
    mkdirSync(join(draft, entry.shortName));
    await step('tar', ['-xzf', placesOf(entry, draft).tarball, '-C', join(draft, entry.shortName)]);
  }
  renameSync(draft, folder);
}

async function step(command, args) {
  const { code, output } = await superviseQuietly(command, args, { cwd: ROOT });
  if (code !== 0) {
    throw new PlainError(`${tail(output)}\n\n${command} failed with exit code ${code} while packing the packages.`);
  }
}

/** Another run may still read what was packed not long ago. */
function removeOld() {
  for (const name of existsSync(PACKED) ? readdirSync(PACKED) : []) {
    const file = join(PACKED, name);
    if (name !== 'lock' && Date.now() - statSync(file).mtimeMs > KEPT_MS) {
      rmSync(file, { recursive: true, force: true });
    }
  }
}

try {
  console.log(JSON.stringify(await withLock(PACKED, pack), null, 2));
  process.exit(0);
} catch (error) {
  if (!(error instanceof PlainError)) {
    throw error;
  }
  console.error(error.message);
  process.exit(error.exitCode);
}
