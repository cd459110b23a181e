import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './paths.mjs';

/**
 * The packages of this repository, each before those that depend on it.
 *
 * @param {string} [root] The checkout.
 * @returns {{ name: string, shortName: string, folder: string, manifest: any, dependencies: string[] }[]}
 */
export function workspacePackages(root = ROOT) {
  const found = new Map();
  for (const shortName of readdirSync(join(root, 'packages')).sort()) {
    const folder = join(root, 'packages', shortName);
    if (existsSync(join(folder, 'package.json'))) {
      const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
      found.set(manifest.name, { name: manifest.name, shortName, folder, manifest, dependencies: [] });
    }
  }
  for (const entry of found.values()) {
    entry.dependencies = Object.keys(entry.manifest.dependencies ?? {}).filter((name) => found.has(name));
  }
  const ordered = [];
  const visit = (entry, path) => {
    if (path.includes(entry.name)) {
      throw new Error(`The packages depend on each other in a circle: ${[...path, entry.name].join(' -> ')}.`);
    }
    if (!ordered.includes(entry)) {
      for (const name of entry.dependencies) {
        visit(found.get(name), [...path, entry.name]);
      }
      ordered.push(entry);
    }
  };
  for (const entry of found.values()) {
    visit(entry, []);
  }
  return ordered;
}

/** The files below `dist` that a manifest promises: its entries, their types and its commands. */
export function promisedFiles(manifest) {
  const files = new Set();
  const visit = (value) => {
    if (typeof value === 'string') {
      if (value.startsWith('./dist/')) {
        files.add(value.slice(2));
      }
    } else if (value !== null && typeof value === 'object') {
      Object.values(value).forEach(visit);
    }
  };
  visit([manifest.main, manifest.module, manifest.types, manifest.exports, manifest.bin]);
  return [...files];
}
