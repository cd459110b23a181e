import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { DeploymentFault } from '../../errors.ts';

const PATH = 'inferenceConfig.sourceDirectory';
/** Locks of other installers, and of npm in a folder above. */
const LOCKS = ['pnpm-lock.yaml', 'yarn.lock', 'bun.lock', 'bun.lockb', 'npm-shrinkwrap.json', 'package-lock.json'];

interface LockedPackage {
  readonly version?: string;
  readonly dev?: boolean;
  readonly link?: boolean;
  readonly resolved?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** A package that the image needs, and what for. */
export interface NeededPackage {
  readonly name: string;
  readonly why: string;
}

/**
 * Checks that `npm ci --omit=dev` in the image will install what the deployment needs.
 *
 * @param directory The source folder.
 * @param needed The packages that must be there.
 * @returns Every fault.
 */
export async function lockFaults(directory: string, needed: readonly NeededPackage[]): Promise<DeploymentFault[]> {
  const [manifest, lock] = await Promise.all(
    ['package.json', 'package-lock.json'].map((name) => read(directory, name)),
  );
  const faults = [manifest, lock].flatMap((file) => (file?.fault === undefined ? [] : [fault(file.fault)]));
  if (manifest?.value === undefined || lock?.value === undefined) {
    return faults;
  }
  const packages = lock.value['packages'] as Readonly<Record<string, LockedPackage>> | undefined;
  if (typeof packages !== 'object' || packages === null) {
    return [fault(`has a package-lock.json of an old form in ${directory}. Run there: npm install`)];
  }
  if (!isSameList(manifest.value['dependencies'], packages['']?.dependencies)) {
    faults.push(
      fault(`has a package-lock.json in ${directory} that does not fit its package.json. Run there: npm install`),
    );
  }
  for (const { name, why } of needed) {
    const found = packages[`node_modules/${name}`];
    if (found === undefined || found.dev === true) {
      const place = found === undefined ? 'nowhere' : 'for development only';
      faults.push(
        fault(`must hold ${name}, ${why}; package-lock.json names it ${place}. Run there: npm install ${name}`),
      );
    }
  }
  for (const [path, { dev, link, resolved = '' }] of Object.entries(packages)) {
    const [, name] = /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)$/.exec(path) ?? [];
    const isOutside = link === true ? resolved.startsWith('..') : resolved.startsWith('file:');
    const isNeededLink = link === true && needed.some((one) => one.name === name);
    if (name !== undefined && dev !== true && (isOutside || isNeededLink)) {
      const place = resolved === '' ? 'another folder' : resolved;
      const message = `has ${name} as a link to ${place}, which the image cannot install. Publish or pack it into a registry, and run there: npm install ${name}`;
      faults.push(fault(message));
    }
  }
  return faults;
}

function fault(message: string): DeploymentFault {
  return { path: PATH, message };
}

async function read(
  directory: string,
  name: string,
): Promise<{ readonly value?: Readonly<Record<string, unknown>>; readonly fault?: string }> {
  const file = join(directory, name);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch {
    const how =
      name === 'package.json'
        ? 'Run there: npm init, then npm install @azureml-ts/inference-server'
        : lockCommand(directory);
    return { fault: `must hold ${name}, from which the image is made, but ${file} cannot be read. ${how}` };
  }
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return { value: value as Record<string, unknown> };
    }
  } catch {
    // Told below.
  }
  return { fault: `has a ${name} that is not a JSON object: ${file}` };
}

/** How the lock is made beside the script, whatever the project is installed with. */
function lockCommand(directory: string): string {
  const other = lockAbove(directory);
  return other === undefined
    ? 'Run there: npm install'
    : `There is ${other}, but the image is installed by npm from this folder alone. Run there: npm install --package-lock-only --no-workspaces`;
}

function lockAbove(directory: string): string | undefined {
  const found = LOCKS.map((name) => join(directory, name)).find((file) => existsSync(file));
  const parent = dirname(directory);
  // What is above a repository is none of its business.
  const isTop = parent === directory || existsSync(join(directory, '.git'));
  return found ?? (isTop ? undefined : lockAbove(parent));
}

function isSameList(one: unknown, other: unknown): boolean {
  const listed = (list: unknown) => JSON.stringify(Object.entries((list ?? {}) as object).sort());
  return listed(one) === listed(other);
}
