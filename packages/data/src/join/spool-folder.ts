import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AzuremlError, errorMessage, isAzuremlError } from '@azureml-ts/common';
import { SpoolFile } from './spool-file.ts';

/** A temporary folder for what does not fit into memory: made with the first file, readable by its owner alone. */
export class SpoolFolder {
  readonly #parent: string;
  readonly #files: SpoolFile[] = [];
  #folder: Promise<string> | undefined;

  /** @param parent Where it is made. */
  constructor(parent: string = tmpdir()) {
    this.#parent = parent;
  }

  /** Makes a new file. */
  async file(): Promise<SpoolFile> {
    // Collected rows are personal data: mkdtemp makes a folder of mode 0700.
    this.#folder ??= mkdtemp(path.join(this.#parent, 'azureml-ts-rows-'));
    const file = new SpoolFile(path.join(await this.#folder, `${this.#files.length + 1}`));
    this.#files.push(file);
    return file;
  }

  /** Removes the folder and everything in it. */
  async remove(): Promise<void> {
    await Promise.all(this.#files.map((file) => file.finish().catch(() => undefined)));
    const folder = await this.#folder?.catch(() => undefined);
    if (folder !== undefined) {
      await rm(folder, { recursive: true, force: true });
    }
  }
}

/**
 * Turns a failure of the temporary folder into an error that says what to do.
 *
 * @throws AzuremlError `TEMPORARY_FOLDER_FAILED`.
 */
export async function spooling<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (isAzuremlError(cause)) {
      throw cause;
    }
    throw new AzuremlError(
      'TEMPORARY_FOLDER_FAILED',
      `Rows could not be put aside in a temporary folder: ${errorMessage(cause)}. Make room there, or name another folder in TMPDIR.`,
      { cause },
    );
  }
}
