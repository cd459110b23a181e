import { mkdtempSync, readdirSync, rmSync, utimesSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

const made: string[] = [];

/** A new empty folder, removed after the test file. */
export function newFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'azureml-ts-faults-'));
  made.push(folder);
  return folder;
}

afterAll(() => {
  for (const folder of made.splice(0)) {
    rmSync(folder, { recursive: true, force: true });
  }
});

/** Every file below a folder whose name ends as asked, by its path with slashes; none when there is no folder. */
export async function textsBelow(folder: string, ending = ''): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile() && entry.name.endsWith(ending));
  for (const { parentPath, name } of files) {
    const file = path.join(parentPath, name);
    texts.set(path.relative(folder, file).split(path.sep).join('/'), await readFile(file, 'utf8'));
  }
  return new Map([...texts].sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** Makes all files below a folder with such a name look two minutes old: signs of life that stand still. */
export function letTimePass(folder: string, name: RegExp): void {
  const then = new Date(Date.now() - 120_000);
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile() && name.test(entry.name)) {
      utimesSync(path.join(entry.parentPath, entry.name), then, then);
    }
  }
}
