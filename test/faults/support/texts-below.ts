import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

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
