import { collectionPlace } from '../../files/collection-place.ts';
import { type DayRange, isInRange } from '../../files/day-range.ts';
import type { StoredFile } from '../../store/file-store.ts';
import type { Tell } from '../finding.ts';

/** What stands in the folder of a collection. */
export interface CollectionFolder {
  /** The folder, with a slash at the end. */
  readonly folder: string;
  readonly range: DayRange;
  /** All files that were listed. */
  readonly listed: readonly StoredFile[];
  /** Whether a file was read: as one of rows, or because a record names it. */
  readonly isRead: (path: string) => boolean;
}

/** Tells what lies beside the rows of a collection and is read by nobody. */
export function judgeCollection({ folder, range, listed, isRead }: CollectionFolder, tell: Tell): void {
  for (const { path } of listed) {
    if (!isRead(path) && !isMark(path.slice(folder.length))) {
      judgeFile(path, folder, range, tell);
    }
  }
}

function judgeFile(path: string, folder: string, range: DayRange, tell: Tell): void {
  const place = collectionPlace(path, folder);
  const isLines = /\.jsonl/i.test(path.slice(path.lastIndexOf('/') + 1));
  if (place === undefined) {
    if (isLines) {
      tell({
        code: 'FILE_OUTSIDE_DAY',
        severity: 'warning',
        path,
        message: `${path} stands in no folder of a day, <yyyy>/<MM>/<dd>/<HH>: neither this library nor the monitor of Azure ML reads it. Move it to the folder of its rows' hour, or out of the collection.`,
        counts: {},
      });
    }
    return;
  }
  const { day } = place;
  if (!isInRange(range, day)) {
    return;
  }
  tell({
    code: 'FILE_NOT_READ',
    severity: 'warning',
    day,
    path,
    message: isLines
      ? `${path} is no file <yyyy>/<MM>/<dd>/<HH>/<name>.jsonl: neither this library nor the monitor of Azure ML reads it. When it holds rows, move it to the folder of their hour or give it its name back; a deployment must collect by the hour (rolling_rate).`
      : `${path} is named by no record of these days. When it holds the rows of a record, that record is gone or was never stored, and nobody reads them; else move it out of the folder.`,
    counts: {},
  });
}

/** Locks of collectors that write to a folder, marks of Spark and of operating systems: nobody takes them for rows. */
function isMark(path: string): boolean {
  return /(?:^|\/)[._]/.test(path) || /\.lock(?:-[^/]*)?$/.test(path);
}
