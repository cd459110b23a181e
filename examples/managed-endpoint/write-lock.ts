import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';

// Names the versions of the installed packages in service/package.json and in its lock file. In a project of your own,
// npm install does it; here the packages are those of this repository.
const { version } = createRequire(import.meta.url)('@azureml-ts/core/package.json') as { version: string };
const service = join(import.meta.dirname, 'service');

interface Manifest {
  version?: string;
  dependencies?: Record<string, string>;
}

function pin({ dependencies = {} }: Manifest): void {
  for (const name of Object.keys(dependencies).filter((candidate) => candidate.startsWith('@azureml-ts/'))) {
    dependencies[name] = version;
  }
}

for (const name of ['package.json', 'package-lock.json']) {
  const file = join(service, name);
  const content = JSON.parse(await readFile(file, 'utf8')) as Manifest & { packages?: Record<string, Manifest> };
  pin(content);
  for (const [path, entry] of Object.entries(content.packages ?? {})) {
    pin(entry);
    if (path.startsWith('node_modules/@azureml-ts/')) {
      entry.version = version;
    }
  }
  await writeFile(file, `${JSON.stringify(content, undefined, 2)}\n`);
}
