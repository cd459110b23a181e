import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ROOT } from './checkout.ts';
import { PACKAGES } from './packages.ts';
import { packAll, packedOf } from './packed.ts';

/** A project outside the checkout that has installed the packed packages. */
export interface Consumer {
  readonly folder: string;
  /** Writes a file of the project and returns its full path. */
  write(name: string, text: string): string;
  /** Adds a made-up package whose only content is a mark that it was loaded. */
  plant(name: string): void;
  /** Removes the project. */
  remove(): void;
}

/**
 * Makes a project with all packed packages, without touching the network.
 *
 * Each package sees its declared third-party dependencies and no others: they stand inside it, as links to what the
 * checkout has installed. Optional peers are left out, as they are for a user who does not ask for them.
 */
export async function createConsumer(): Promise<Consumer> {
  const packed = await packAll();
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'azureml-ts-consumer-'));
  const write = (name: string, text: string): string => {
    const file = join(folder, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  };
  write('package.json', '{ "name": "consumer", "private": true, "type": "module" }\n');
  for (const { name, folder: source, manifest } of PACKAGES) {
    const target = join(folder, 'node_modules', name);
    cpSync(packedOf(packed, name).folder, target, { recursive: true });
    for (const dependency of Object.keys(manifest.dependencies ?? {})) {
      if (!PACKAGES.some((entry) => entry.name === dependency)) {
        link(join(source, 'node_modules', dependency), join(target, 'node_modules', dependency));
      }
    }
  }
  link(join(ROOT, 'node_modules', '@types', 'node'), join(folder, 'node_modules', '@types', 'node'));
  return {
    folder,
    write,
    plant(name) {
      write(`node_modules/${name}/package.json`, JSON.stringify({ name, version: '0.0.0', main: 'index.cjs' }));
      write(`node_modules/${name}/index.cjs`, 'module.exports = { planted: true };\n');
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function link(source: string, target: string): void {
  mkdirSync(dirname(target), { recursive: true });
  symlinkSync(realpathSync(source), target, 'junction');
}
