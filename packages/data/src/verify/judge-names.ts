import { parseDataFilePath } from '@azureml-ts/monitoring/format';
import type { CollectedFile } from '../files/collected-file.ts';
import type { StreamRoot } from '../files/stream-selection.ts';
import type { FileStore, StoredFile } from '../store/file-store.ts';
import { counted, type Tell } from './finding.ts';

/** Looks at the names of what stands below a stream, and tells what readers by wildcard would miss or read twice. */
export function judgeNames(
  listed: readonly StoredFile[],
  known: ReadonlySet<string>,
  files: readonly CollectedFile[],
  tell: Tell,
): void {
  for (const { path } of listed) {
    if (!known.has(path)) {
      judgeFile(path, tell);
    }
  }
  judgeFolders(files, tell);
}

function judgeFile(path: string, tell: Tell): void {
  const name = path.slice(path.lastIndexOf('/') + 1);
  // Locks of collectors that write to a folder, marks of Spark and of operating systems.
  if (name.startsWith('_') || name.startsWith('.') || !/\.csv/i.test(name) || /\.csv\.lock/.test(name)) {
    return;
  }
  const folder = path.slice(0, path.length - name.length);
  const day = parseDataFilePath(`${folder}data.csv`)?.day;
  if (day === undefined) {
    tell({
      code: 'FILE_OUTSIDE_DAY',
      severity: 'warning',
      path,
      message: `${path} stands in no folder of a day: readers by day, and by the documented wildcard, do not find it. Move it to the folder of its rows' day, or out of the stream.`,
      counts: {},
    });
    return;
  }
  const isTaken = /^data.*\.csv$/.test(name);
  tell({
    code: 'FILE_NOT_READ',
    severity: isTaken ? 'error' : 'warning',
    day,
    path,
    message: isTaken
      ? `${path} is no name that a collector gives, so this library does not read it; readers with the wildcard data*.csv do, and see other rows. Move it out of the folder.`
      : `${path} is not called data*.csv: who reads by the documented wildcard misses it. When it holds rows of the day, give it its name back; else move it out of the folder.`,
    counts: {},
  });
}

/** Both spellings of a month or day side by side: a wildcard such as `2026/03/*` finds only one of them. */
function judgeFolders(files: readonly CollectedFile[], tell: Tell): void {
  const isPadded = (path: string) => /\/\d{4}\/\d\d\/\d\d\/[^/]+$/.test(path);
  if (!files.some(({ path }) => isPadded(path))) {
    return;
  }
  const folders = new Map<string, { readonly day: string; count: number }>();
  for (const { path, day, hour } of files) {
    if (!isPadded(path) && hour === undefined) {
      const folder = path.slice(0, path.lastIndexOf('/') + 1);
      const seen = folders.get(folder) ?? { day, count: 0 };
      seen.count += 1;
      folders.set(folder, seen);
    }
  }
  for (const [path, { day, count }] of folders) {
    tell({
      code: 'FOLDER_UNPADDED',
      severity: 'warning',
      day,
      path,
      message: `${path} has no leading zero, unlike others of the stream: readers with the wildcard */*/*/data*.csv find its ${counted(count, 'file')}, those that ask for yyyy/mm/dd do not. Move the files to the folder with the zeros.`,
      counts: { files: count },
    });
  }
}

/**
 * Folders of the path that are there a second time, with other upper and lower case.
 *
 * @param roots Where the rows are read from: the folder as it is named comes first.
 */
export async function judgeCase(
  store: FileStore,
  roots: readonly StreamRoot[],
  tell: Tell,
  abortSignal: AbortSignal | undefined,
): Promise<void> {
  // The Python package writes the workspace in lower case, and that is read.
  const read = roots.map(({ prefix }) => prefix.split('/'));
  const parts = read[0]?.slice(0, -1) ?? [];
  const levels = parts.map(async (part, level) => {
    const parent = parts
      .slice(0, level)
      .map((name) => `${name}/`)
      .join('');
    const names = (await store.folders(parent, abortSignal)) ?? [];
    return names
      .filter((name) => name !== part && name.toLowerCase() === part.toLowerCase())
      .filter((name) => !read.some((root) => root[level] === name))
      .map((name) => ({ path: `${parent}${name}/`, part }));
  });
  for (const { path, part } of (await Promise.all(levels)).flat()) {
    tell({
      code: 'FOLDER_CASE',
      severity: 'warning',
      path,
      message: `Beside the folder "${part}" there is ${path}, which differs only in upper and lower case. Blob names tell them apart: rows there are of another stream, and no reader of this one finds them. Check how the collectors that write there are named.`,
      counts: {},
    });
  }
}
