import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './checkout.ts';

/** What the tests read of a package.json. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly exports: Record<string, string | { import: { types: string }; require: { types: string } }>;
  readonly bin?: Record<string, string>;
  readonly dependencies?: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
  readonly peerDependencies?: Record<string, string>;
}

/** A package of this repository. */
export interface Package {
  /** As users import it. */
  readonly name: string;
  /** Name of its folder. */
  readonly shortName: string;
  readonly folder: string;
  readonly manifest: Manifest;
  /** What can be imported and has types: its name and `name/entry`. */
  readonly specifiers: readonly string[];
}

/** The packages of this repository by name. */
export const PACKAGES: readonly Package[] = readdirSync(join(ROOT, 'packages'))
  .sort()
  .filter((shortName) => existsSync(join(ROOT, 'packages', shortName, 'package.json')))
  .map((shortName) => {
    const folder = join(ROOT, 'packages', shortName);
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
    const specifiers = Object.entries(manifest.exports)
      .filter(([, target]) => typeof target === 'object')
      .map(([path]) => `${manifest.name}${path.slice(1)}`);
    return { name: manifest.name, shortName, folder, manifest, specifiers };
  });
