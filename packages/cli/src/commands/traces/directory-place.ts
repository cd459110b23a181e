import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { isProcessAlive } from '@azureml-ts/common';
import type { ExportPlace } from './export-place.ts';
import { onFile } from './storage-error.ts';

/** Exported traces as files below a folder. */
export class DirectoryPlace implements ExportPlace {
  readonly name: string;
  readonly #root: string;

  /** @param directory The folder; made when it is not there. */
  constructor(directory: string) {
    this.#root = path.resolve(directory);
    this.name = `the folder ${this.#root}`;
  }

  /** See {@link ExportPlace.urlOf}. */
  urlOf(file: string): string {
    return pathToFileURL(this.#pathOf(file)).href;
  }

  /** See {@link ExportPlace.read}. */
  read(file: string): Promise<string | undefined> {
    return this.#on(`${file} could not be read`, () => whereThere(() => readFile(this.#pathOf(file), 'utf8')));
  }

  /** See {@link ExportPlace.size}. */
  size(file: string): Promise<number | undefined> {
    return this.#on(`${file} could not be read`, () => whereThere(async () => (await stat(this.#pathOf(file))).size));
  }

  /** See {@link ExportPlace.draft}. In the same folder, so that it can be renamed. */
  draft(file: string): Promise<string> {
    return this.#on(`${file} could not be written`, async () => {
      const full = this.#pathOf(file);
      // Traces hold what users sent.
      await mkdir(path.dirname(full), { recursive: true, mode: 0o700 });
      await removeDead(full);
      return path.join(path.dirname(full), `.${path.basename(full)}.${process.pid}.part`);
    });
  }

  /** See {@link ExportPlace.publish}. */
  publish(draft: string, file: string): Promise<void> {
    return this.#on(`${file} could not be written`, async () => {
      const handle = await open(draft, 'r+');
      try {
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(draft, this.#pathOf(file));
    });
  }

  /** See {@link ExportPlace.write}. */
  async write(file: string, text: string): Promise<void> {
    const draft = await this.draft(file);
    await this.#on(`${file} could not be written`, async () => {
      const handle = await open(draft, 'w', 0o600);
      try {
        await handle.writeFile(text);
      } finally {
        await handle.close();
      }
    });
    try {
      await this.publish(draft, file);
    } finally {
      await rm(draft, { force: true });
    }
  }

  #pathOf(file: string): string {
    return path.join(this.#root, ...file.split('/'));
  }

  #on<T>(what: string, work: () => Promise<T>): Promise<T> {
    return onFile(what, this.name, work);
  }
}

/** Takes away what a process left that was killed while it wrote the same file. */
async function removeDead(full: string): Promise<void> {
  const folder = path.dirname(full);
  const start = `.${path.basename(full)}.`;
  for (const name of await readdir(folder)) {
    const pid = name.startsWith(start) ? /^(\d+)\.part$/.exec(name.slice(start.length))?.[1] : undefined;
    if (pid !== undefined && !isProcessAlive(Number(pid))) {
      await rm(path.join(folder, name), { force: true });
    }
  }
}

async function whereThere<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return undefined;
    }
    throw error;
  }
}
