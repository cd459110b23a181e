import { basename, extname, resolve } from 'node:path';
import { Model, type RegisteredModel } from '../model/model.ts';

/** A model as the file names it. */
export type GivenModel = string | { name?: string; version?: string; path?: string; framework?: string };

const REGISTERED = /^azureml:([^:@/]+):([^:@/]+)$/;

/**
 * The model that a file means.
 *
 * @param given A text or fields.
 * @param folder Folder that relative paths start at.
 * @returns The model, or what is wrong.
 */
export function modelOf(given: GivenModel, folder: string): Model | RegisteredModel | { readonly fault: string } {
  if (typeof given === 'string') {
    if (!given.startsWith('azureml:')) {
      return new Model({ name: nameOf(given), path: resolve(folder, given) });
    }
    const [, name, version] = REGISTERED.exec(given) ?? [];
    return name === undefined
      ? {
          fault: `must be azureml:NAME:VERSION, but is "${given.slice(0, 100)}"; name the version, so that the file always means the same model`,
        }
      : { id: `${name}:${version}` };
  }
  const { name, version, path, framework } = given;
  if (path !== undefined) {
    return framework === undefined
      ? new Model({ name: name ?? nameOf(path), version, path })
      : { fault: 'has a framework beside a path; a framework is told of registered models only' };
  }
  if (name === undefined || version === undefined) {
    return { fault: 'must have a path, or the name and version of a registered model' };
  }
  return { id: `${name}:${version}`, ...(framework === undefined ? {} : { modelFramework: framework }) };
}

/** Name of a model from its file or folder: `models/best model.json` is `best-model`. */
function nameOf(path: string): string {
  const name = basename(path, extname(path))
    .replace(/[^a-zA-Z0-9._-]+/g, '-')
    .replace(/^[^a-zA-Z0-9]+/, '');
  return name === '' ? 'model' : name.slice(0, 255);
}
