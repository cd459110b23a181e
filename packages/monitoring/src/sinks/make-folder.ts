import { makeFolder } from '@azureml-ts/common';

/** Makes a folder and those above it, for their owner only: rows are personal data. */
export function makePrivateFolder(folder: string): Promise<void> {
  return makeFolder(folder, 0o700);
}
