import path from 'node:path';
import { nodeFs } from './node-modules.ts';

const VERSION = /^\d+$/;
/** Longest text of the names, as a property of each item, in characters. */
const MAX_CHARACTERS = 512;

/**
 * The models that a service has, as `<model>:<version>`.
 *
 * A folder of one model ends in `<model>/<version>`; otherwise each `<model>/<version>` in it counts.
 *
 * Source: the reference inference server reads `AZUREML_MODEL_DIR` like this.
 *
 * @internal
 */
export function modelNames(directory: string | undefined): string[] {
  if (directory === undefined || directory.trim() === '') {
    return [];
  }
  const folder = path.resolve(directory);
  const version = path.basename(folder);
  const model = path.basename(path.dirname(folder));
  if (VERSION.test(version) && model !== '') {
    return [`${model}:${version}`];
  }
  return foldersIn(folder).flatMap((name) =>
    foldersIn(path.join(folder, name))
      .filter((inner) => VERSION.test(inner))
      .map((inner) => `${name}:${inner}`),
  );
}

/** The names as a JSON list that fits into a property; `"+3"` at its end counts those that have no room. @internal */
export function modelNamesText(names: readonly string[]): string {
  for (let count = names.length; count > 0; count--) {
    const left = names.length - count;
    const text = JSON.stringify([...names.slice(0, count), ...(left === 0 ? [] : [`+${left}`])]);
    if (text.length <= MAX_CHARACTERS) {
      return text;
    }
  }
  return '';
}

/** Names of the folders, sorted; none where nothing can be read: telemetry starts all the same. */
function foldersIn(folder: string): string[] {
  try {
    return nodeFs
      .readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
      .map(({ name }) => name)
      .sort();
  } catch {
    return [];
  }
}
