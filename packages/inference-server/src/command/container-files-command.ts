import type { ContainerOptions } from '../container/container-options.ts';
import { usage } from './flags.ts';

/** Every option of `containerFiles()`: a slip must not be passed over. */
const NAMES: Readonly<Record<keyof ContainerOptions, true>> = {
  entryScript: true,
  port: true,
  nodeVersion: true,
  journalVolume: true,
  models: true,
  workers: true,
  endpointName: true,
  deploymentName: true,
  registeredModel: true,
  image: true,
  instanceType: true,
  instanceCount: true,
  maxConcurrentRequests: true,
  requestTimeoutMs: true,
  enableAppInsights: true,
  environment: true,
};

/**
 * What `--container-files` prints: the files of a container as a JSON object of texts by name, on one line.
 *
 * For programs that make an image or a build context and do not load this package, which may be installed elsewhere.
 *
 * @param json The options of `containerFiles()` as a JSON object.
 * @throws ValidationError `VALIDATION` for what is no JSON object, for an option that is not known or has the wrong shape, and
 *   for a secret among the variables.
 */
export async function containerFilesText(json: string): Promise<string> {
  const options = parsed(json);
  const unknown = Object.keys(options).filter((name) => !Object.hasOwn(NAMES, name));
  if (unknown.length > 0) {
    throw usage(
      '--container-files',
      `--container-files has no option ${unknown.join(', ')}. Its options are ${Object.keys(NAMES).join(', ')}.`,
    );
  }
  // Not loaded by a server that serves.
  const { containerFiles } = await import('../container/container-files.ts');
  return `${JSON.stringify(containerFiles(options as unknown as ContainerOptions))}\n`;
}

function parsed(json: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    // The parser's error quotes a piece of the text, which may be a secret.
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw usage('--container-files', '--container-files needs a JSON object, for example {"entryScript":"score.ts"}.');
  }
  return value as Record<string, unknown>;
}
