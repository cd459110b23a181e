import { ValidationError } from '@azureml-ts/common';
import type { GenerateSource } from './generate-source.ts';

/**
 * The place as Spark names it.
 *
 * @param source What is read.
 * @param scheme What stands before the path of a folder: `file:`, or nothing where the platform has folders of its own.
 * @throws ValidationError (`VALIDATION`) when Spark cannot read it.
 */
export function sparkRoot(source: GenerateSource, scheme: '' | 'file:'): string {
  const { place, names, versions = [], designation, joinWith = '' } = source;
  // Hadoop takes "a:b" for an address as soon as the path has a wildcard.
  const colon = [...names, ...versions, designation, joinWith].find((name) => name.includes(':'));
  if (colon !== undefined) {
    throw new ValidationError({
      path: 'the name of a folder',
      expected: 'free of colons',
      message: `Spark cannot look for files below a folder with a colon in its name ("${colon}"). Export the rows first (azureml-ts data export), and read the export.`,
    });
  }
  if (place.kind === 'directory') {
    const isDrive = /^[A-Za-z]:/.test(place.directory);
    return `${scheme}${isDrive ? '/' : ''}${isDrive ? place.directory.replaceAll('\\', '/') : place.directory}`;
  }
  if (place.dfsHost === undefined) {
    throw new ValidationError({
      path: 'storage',
      expected: 'an address such as https://<account>.blob.core.windows.net, or a folder',
      message: `Spark reads storage accounts through their Data Lake address, which ${place.blobUrl} does not tell. Name the account by https://<account>.blob.core.windows.net.`,
    });
  }
  return `abfss://${place.container}@${place.dfsHost}`;
}
