import { checkStream, type DataFileName, dayPrefix, fileNameParts } from '../format/blob-path.ts';
import { MODEL_DATA_CONTAINER } from '../format/columns.ts';
import type { FileLayout } from '../format/file-layout.ts';
import { ledgerPath } from '../format/ledger.ts';
import { isNamedLikeDesignation } from '../format/python-path.ts';

/** Name of a collection that nobody named. */
export const DEFAULT_COLLECTION = 'default';

/**
 * The files of the Python package: `<stream>/<yyyy>/<mm>/<dd>[/<hh>]/<file>.csv`, called like the designation for inputs,
 * predictions and labels, and else like the collection. Where a name is taken by something else, or by other columns,
 * the file is called as in the documented layout: `inputs-<schema>.csv`, `inputs-2.csv`.
 *
 * @param collectionName Name of the collection.
 */
export function pythonFiles(collectionName: string): FileLayout {
  const nameOf = (designation: string, name: DataFileName) =>
    `${isNamedLikeDesignation(designation) ? designation : collectionName}${fileNameParts(name)}.csv`;
  const folder: FileLayout['folder'] = ({ stream, day, hour }) =>
    dayPrefix(stream, day) + (hour === undefined ? '' : `${hour}/`);
  return {
    name: 'python-v1',
    root: MODEL_DATA_CONTAINER,
    contentType: 'application/octet-stream',
    blobKind: 'python-block',
    firstName: (instance) => (instance === undefined ? {} : { instance }),
    checkStream,
    folder,
    path: (period, name) => folder(period) + nameOf(period.stream.designation, name),
    ledgerPath,
  };
}
