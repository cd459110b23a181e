import { cp, mkdir, open, readdir, rm, rmdir, stat, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { WebserviceError } from '../errors.ts';
import type { Model } from '../model/model.ts';
import { type FolderOwner, livingOwner, takeFolder } from './folder-owner.ts';

/** The files of one local service: `<directory>/<service>/` with `service.log`, `owner.json`, `service.json`, `models/` and `modeldata/`. */
export class ServiceFolder {
  /** The folder. */
  readonly path: string;
  /** What the service writes to its standard output and standard error. */
  readonly logFile: string;
  /** Collected rows, when no other storage is given. */
  readonly dataDirectory: string;
  /** Which process has the folder. */
  readonly ownerFile: string;
  /** What the service tells other processes of itself. */
  readonly recordFile: string;
  readonly #models: string;
  readonly #directory: string;

  /**
   * @param directory Folder of all services.
   * @param serviceName Name of the service.
   */
  constructor(directory: string, serviceName: string) {
    this.#directory = directory;
    this.path = join(directory, serviceName);
    this.logFile = join(this.path, 'service.log');
    this.dataDirectory = join(this.path, 'modeldata');
    this.#models = join(this.path, 'models');
    this.ownerFile = join(this.path, 'owner.json');
    this.recordFile = join(this.path, 'service.json');
  }

  /** The folder as a storage target: collectors put their rows below its `modeldata`, as below an account's container. */
  get defaultStorage(): string {
    return pathToFileURL(this.path).href;
  }

  /**
   * Makes the folder ready for a new deployment: an empty log and the models in place.
   *
   * @param serviceName Name of the service, for messages.
   * @param models Checked models.
   * @returns What `AZUREML_MODEL_DIR` is.
   * @throws {@link WebserviceError} `WEBSERVICE_EXISTS` when another process runs a service here.
   */
  async prepare(serviceName: string, models: readonly Model[]): Promise<string> {
    const owner = await this.#take();
    if (owner !== undefined) {
      throw this.#taken(serviceName, owner);
    }
    try {
      // One that an ended process left would tell of another service.
      await rm(this.recordFile, { force: true });
      await (await open(this.logFile, 'w', 0o600)).close();
      await rm(this.#models, { recursive: true, force: true });
      await mkdir(this.#models, { recursive: true });
      for (const model of models) {
        await place(model, this.modelFolder(model));
      }
    } catch (error) {
      await rm(this.ownerFile, { force: true });
      throw error;
    }
    return this.modelDirectory(models);
  }

  /** What `AZUREML_MODEL_DIR` is: the folder of the only model's version, else the folder of all models. */
  modelDirectory(models: readonly Model[]): string {
    const [only, second] = models;
    return only !== undefined && second === undefined ? this.modelFolder(only) : this.#models;
  }

  /** The folder that a model is put into. */
  modelFolder({ name, version }: Model): string {
    return join(this.#models, name, version);
  }

  /**
   * Looks whether another process has the folder; takes nothing.
   *
   * @throws {@link WebserviceError} `WEBSERVICE_EXISTS`
   */
  async checkFree(serviceName: string): Promise<void> {
    const owner = await livingOwner(this.ownerFile);
    if (owner !== undefined) {
      throw this.#taken(serviceName, owner);
    }
  }

  /** Removes what a run leaves behind, but not the collected rows; the folder too, when nothing is left in it. */
  async removeRun(): Promise<void> {
    // What processes that ended while they took the folder over left.
    const left = (await readdir(this.path).catch(() => [])).filter((entry) => /^(owner|service)\.json\./.test(entry));
    const files = [this.logFile, this.recordFile, ...left.map((name) => join(this.path, name))];
    // The claim goes last: nobody else may begin here before all is gone.
    for (const entry of [...files, this.#models, this.ownerFile]) {
      await rm(entry, { recursive: true, force: true });
    }
    await removeIfEmpty(this.dataDirectory);
    await removeIfEmpty(this.path);
  }

  /** Removes the collected rows of `dataDirectory`. */
  async removeData(): Promise<void> {
    await rm(this.dataDirectory, { recursive: true, force: true });
    await removeIfEmpty(this.path);
  }

  /** Removes the folder of all services when nothing is left in it. */
  async removeDirectory(): Promise<void> {
    await removeIfEmpty(this.#directory);
  }

  async #take(triesLeft = 3): Promise<FolderOwner | undefined> {
    await mkdir(this.path, { recursive: true });
    try {
      return await takeFolder(this.ownerFile);
    } catch (error) {
      // Another process that deletes its service may remove the empty folder at this very moment.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT' && triesLeft > 0) {
        return this.#take(triesLeft - 1);
      }
      throw error;
    }
  }

  #taken(serviceName: string, { pid }: FolderOwner): WebserviceError {
    return new WebserviceError(
      'WEBSERVICE_EXISTS',
      `Process ${pid} runs the service "${serviceName}" in ${this.path}. Stop that process, or deploy under another ` +
        `name or directory. If that process is no such program, remove ${this.ownerFile}.`,
      { details: { pid, folder: this.path } },
    );
  }
}

/** Links a model into its place: no copy to keep in step, no second time on the disk. Copies where links are not allowed. */
async function place({ path = '' }: Model, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const target = join(folder, basename(path));
  try {
    // Windows lets everybody link folders as junctions; the type is ignored elsewhere.
    await symlink(path, target, (await stat(path)).isDirectory() ? 'junction' : 'file');
  } catch {
    await cp(path, target, { recursive: true, dereference: true });
  }
}

async function removeIfEmpty(folder: string): Promise<void> {
  // Not empty, or gone already: both are fine.
  await rmdir(folder).catch(() => undefined);
}
