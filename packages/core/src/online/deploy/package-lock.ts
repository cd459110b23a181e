import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DeploymentFault } from '../../errors.ts';

const PATH = 'inferenceConfig.sourceDirectory';

interface LockedPackage {
  readonly version?: string;
  readonly dev?: boolean;
  readonly link?: boolean;
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
    } else if (found.link === true) {
      faults.push(
        fault(
          `has ${name} as a link to another folder, which the image cannot install. Run there: npm install ${name}`,
        ),
      );
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
    const how = name === 'package.json' ? 'npm init, then npm install @azureml-ts/inference-server' : 'npm install';
    return { fault: `must hold ${name}, from which the image is made, but ${file} cannot be read. Run there: ${how}` };
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

function isSameList(one: unknown, other: unknown): boolean {
  const listed = (list: unknown) => JSON.stringify(Object.entries((list ?? {}) as object).sort());
  return listed(one) === listed(other);
}
