import { access, constants, stat } from 'node:fs/promises';
import { dirname, extname, relative, resolve } from 'node:path';
import { shown } from '../../classic/configuration/rules.ts';
import type { DeploymentFault } from '../../errors.ts';
import type { InferenceConfig } from '../../model/inference-config.ts';

const EXTENSIONS = ['.js', '.mjs', '.cjs', '.ts', '.mts', '.cts'];

/** Where the scoring script is. */
export interface ScriptPlace {
  /** The source folder, as an absolute path. */
  readonly directory: string;
  /** The script below it, with slashes. */
  readonly file: string;
}

/**
 * Finds the scoring script of an online deployment.
 *
 * @param config The configuration, as given; values may be anything.
 * @param faults Gets every fault.
 * @returns The script, `undefined` when there is none that can be deployed; and the source folder, when that is known at least.
 */
export async function findScript(
  config: InferenceConfig,
  faults: DeploymentFault[],
): Promise<{ readonly script: ScriptPlace | undefined; readonly directory: string | undefined }> {
  const at = (field: string) => `inferenceConfig.${field}`;
  const source: unknown = config.sourceDirectory;
  const given: unknown = config.entryScript;
  const before = faults.length;
  const isFolder = typeof source === 'string' && (await isThere(resolve(source), 'folder'));
  if (source !== undefined && !isFolder) {
    faults.push({ path: at('sourceDirectory'), message: `must be a folder that exists, but is ${shown(source)}` });
  }
  if (typeof given !== 'string' || given === '') {
    faults.push({ path: at('entryScript'), message: `must be the path of the scoring script, but is ${shown(given)}` });
    return { script: undefined, directory: isFolder ? resolve(source) : undefined };
  }
  const script = resolve(typeof source === 'string' ? source : '.', given);
  const directory = typeof source === 'string' ? resolve(source) : dirname(script);
  const file = relative(directory, script).replaceAll('\\', '/');
  if (!EXTENSIONS.includes(extname(script))) {
    faults.push({ path: at('entryScript'), message: `must end in ${EXTENSIONS.join(', ')}, but is ${shown(given)}` });
  }
  if (!(await isThere(script, 'file'))) {
    faults.push({ path: at('entryScript'), message: `names a file that does not exist: ${script}` });
  } else if (file.startsWith('../') || resolve(file) === file) {
    faults.push({ path: at('entryScript'), message: `must be in the source directory ${directory}, but is ${script}` });
  }
  const isKnown = isFolder || (source === undefined && (await isThere(directory, 'folder')));
  return {
    script: faults.length === before ? { directory, file } : undefined,
    directory: isKnown ? directory : undefined,
  };
}

async function isThere(path: string, kind: 'file' | 'folder'): Promise<boolean> {
  try {
    const stats = await stat(path);
    await access(path, constants.R_OK);
    return kind === 'file' ? stats.isFile() : stats.isDirectory();
  } catch {
    return false;
  }
}
