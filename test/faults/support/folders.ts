import { mkdtempSync, readdirSync, rmSync, utimesSync } from 'node:fs';
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

/** Makes all files below a folder with such a name look two minutes old: signs of life that stand still. */
export function letTimePass(folder: string, name: RegExp): void {
  const then = new Date(Date.now() - 120_000);
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile() && name.test(entry.name)) {
      utimesSync(path.join(entry.parentPath, entry.name), then, then);
    }
  }
}
