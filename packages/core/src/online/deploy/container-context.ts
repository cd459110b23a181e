import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { errorMessage, isAzuremlError } from '@azureml-ts/common';
import type { DeploymentFault } from '../../errors.ts';
import { findServerCommand } from '../../local/server-command.ts';
import { type ContentFile, folderContent, textContent } from '../../upload/content-file.ts';
import type { ScriptPlace } from './script-place.ts';

const SERVER = '@azureml-ts/inference-server';
/** Far more than the command takes. */
const COMMAND_TIMEOUT_MS = 60_000;
/** Made here; those of the project are for other images. */
const GENERATED = ['Dockerfile', '.dockerignore'];

/** What a build context is made from. */
export interface ContextInit {
  readonly script: ScriptPlace;
  readonly endpointName: string;
  readonly ignoreFile: string | undefined;
  /** File of the server's command. Default: that of the installed package. */
  readonly serverCommand?: string | undefined;
}

/**
 * Makes the folder that Azure builds the image from: the files of the source folder with a Dockerfile for the inference
 * server. What `.dockerignore` keeps out of the image (packages, secrets, tests) is not even uploaded.
 *
 * @param init The script.
 * @param faults Gets every fault.
 * @returns The files in the order of their paths; `undefined` when there are faults.
 */
export async function containerContext(
  init: ContextInit,
  faults: DeploymentFault[],
): Promise<readonly ContentFile[] | undefined> {
  const { script, endpointName, ignoreFile } = init;
  let texts: Readonly<Record<string, string>>;
  try {
    const command = init.serverCommand ?? findServerCommand(script.directory);
    texts = await containerTexts(command, { entryScript: script.file, endpointName });
  } catch (error) {
    const isMissing = isAzuremlError(error, 'INFERENCE_SERVER_NOT_FOUND');
    faults.push({
      path: isMissing ? 'inferenceConfig.sourceDirectory' : 'inferenceConfig.entryScript',
      message: isMissing
        ? `needs the package ${SERVER}, which is installed neither there nor beside @azureml-ts/core. Run: npm install ${SERVER}`
        : `cannot be put into a container: ${errorMessage(error)}`,
    });
    return undefined;
  }
  const generated = GENERATED.map((name) => textContent(name, texts[name] ?? ''));
  let files: ContentFile[];
  try {
    files = await folderContent(script.directory, {
      ignoreFile,
      ignored: ignoredPatterns(texts['.dockerignore'] ?? ''),
    });
  } catch (error) {
    const isIgnoreFile = (error as { path?: unknown }).path === 'ignoreFile';
    const field = isIgnoreFile ? 'ignoreFile' : 'sourceDirectory';
    faults.push({ path: `inferenceConfig.${field}`, message: errorMessage(error) });
    return undefined;
  }
  const paths = new Set(files.map(({ path }) => path));
  for (const [path, field] of [
    [script.file, 'entryScript'],
    ['package.json', 'sourceDirectory'],
    ['package-lock.json', 'sourceDirectory'],
  ] as const) {
    // One that is not there at all is told of elsewhere.
    if (!paths.has(path) && existsSync(join(script.directory, path))) {
      const message = `leaves out ${path}, which the image needs: see .amlignore, .gitignore or ignoreFile`;
      faults.push({ path: `inferenceConfig.${field}`, message });
    }
  }
  return [...files, ...generated].sort((one, other) => (one.path < other.path ? -1 : 1));
}

/** The patterns of a .dockerignore as .gitignore has them, where a name means the one at the top only with a slash before it. */
function ignoredPatterns(dockerignore: string): string[] {
  const patterns = dockerignore.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return [...patterns, ...GENERATED].map((pattern) => (pattern.startsWith('**/') ? pattern : `/${pattern}`));
}

/** Asks the server's command for the files of a container: this package does not load the server. */
async function containerTexts(command: string, options: object): Promise<Readonly<Record<string, string>>> {
  const json = await new Promise<string>((resolve, reject) => {
    execFile(
      process.execPath,
      [command, '--container-files', JSON.stringify(options)],
      { timeout: COMMAND_TIMEOUT_MS, windowsHide: true },
      (error, stdout, stderr) => (error === null ? resolve(stdout) : reject(commandFailure(stderr, error))),
    );
  });
  const texts: unknown = JSON.parse(json);
  const isText = (name: string) => typeof (texts as Record<string, unknown> | null)?.[name] === 'string';
  if (!GENERATED.every(isText)) {
    throw new Error(`${SERVER} made no Dockerfile. Install it again: npm install ${SERVER}`);
  }
  return texts as Record<string, string>;
}

function commandFailure(stderr: string, error: Error): Error {
  if (stderr.includes('There is no flag')) {
    return new Error(`the installed ${SERVER} is too old to make containers. Run: npm install ${SERVER}@latest`);
  }
  const [said = ''] = stderr.trim().split('\n');
  return new Error(said === '' ? errorMessage(error) : said.replace(/^[\w-]+: /, '').replace(/ \[VALIDATION\]$/, ''));
}
