import { type UtcDay, utcDay } from '@azureml-ts/monitoring/format';

/** Where a file stands within the folder of a collection. */
export interface CollectionPlace {
  /** UTC day of its folder. */
  readonly day: UtcDay;
  /** UTC hour of its folder, `00` to `23`; `undefined` for a file in the folder of a day. */
  readonly hour: string | undefined;
  /** The path behind these folders. */
  readonly rest: string;
}

const PLACE = /^(\d{4})\/(\d\d)\/(\d\d)\/(?:([01]\d|2[0-3])\/)?(.+)$/;

/**
 * Reads the place of a file below the folder of a collection: `<yyyy>/<MM>/<dd>/<HH>/<file>`.
 *
 * Source: the monitor of Azure ML reads files exactly four folders down, and only those that end in `.jsonl`.
 *
 * @param path Path in the container.
 * @param prefix The folder of the collection, with a slash at the end.
 * @returns `undefined` when it is in no folder of a day.
 */
export function collectionPlace(path: string, prefix: string): CollectionPlace | undefined {
  const parts = path.startsWith(prefix) ? PLACE.exec(path.slice(prefix.length)) : null;
  if (parts === null) {
    return undefined;
  }
  const [, year, month, date, hour, rest = ''] = parts;
  const day = `${year}-${month}-${date}`;
  const time = Date.parse(`${day}T00:00:00Z`);
  return Number.isNaN(time) || utcDay(time) !== day ? undefined : { day, hour, rest };
}
