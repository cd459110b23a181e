import path from 'node:path';
import { ValidationError } from '@azureml-ts/common';
import { checkSegment, type StreamIdentity, streamPrefix } from '../format/blob-path.ts';
import { pythonStream } from '../python/python-identity.ts';
import type { ModelDataCollectorOptions } from './options.ts';

/** What a blob's name leaves for everything before the date. */
const MAX_PREFIX = 940;

/** Name of a path part that nobody gave. Source: the Python ModelDataCollector. */
const UNKNOWN = 'default';

/**
 * What the rows of a collector are called: from its options, else from the environment, else `default`.
 *
 * @throws ValidationError when a part cannot be a folder of the path.
 */
export function resolveStream(
  modelName: string,
  options: ModelDataCollectorOptions,
  environment: NodeJS.ProcessEnv,
): StreamIdentity {
  const { workspace = {} } = options;
  const version = options.modelVersion ?? versionFromModelDir(modelName, environment['AZUREML_MODEL_DIR']) ?? UNKNOWN;
  if (options.designation !== undefined && options.identifier !== undefined) {
    throw new ValidationError({
      path: 'identifier',
      expected: 'left out when designation is given',
      received: options.identifier,
    });
  }
  const stream: StreamIdentity = {
    workspace: {
      subscriptionId: segment(
        'workspace.subscriptionId',
        workspace.subscriptionId,
        environment['AZUREML_ARM_SUBSCRIPTION'],
      ),
      resourceGroup: segment(
        'workspace.resourceGroup',
        workspace.resourceGroup,
        environment['AZUREML_ARM_RESOURCEGROUP'],
      ),
      workspaceName: segment(
        'workspace.workspaceName',
        workspace.workspaceName,
        environment['AZUREML_ARM_WORKSPACE_NAME'] || environment['WORKSPACE_NAME'],
      ),
    },
    webserviceName: segment('webserviceName', options.webserviceName, environment['SERVICE_NAME']),
    modelName: checkSegment('modelName', modelName),
    modelVersion: checkSegment('modelVersion', String(version)),
    designation: checkSegment('designation', options.designation ?? options.identifier ?? 'general'),
  };
  if (streamPrefix(stream).length > MAX_PREFIX) {
    throw new ValidationError({
      path: 'workspace, webserviceName, modelName, modelVersion and designation',
      expected: `at most ${MAX_PREFIX} characters together, because a blob's name has at most 1,024`,
    });
  }
  return options.layout === 'python-v1' ? pythonStream(stream) : stream;
}

function segment(name: string, option: string | undefined, variable: string | undefined): string {
  return checkSegment(name, option ?? (variable || UNKNOWN));
}

/** The platform mounts a single model at `<root>/<model>/<version>`. */
function versionFromModelDir(modelName: string, directory: string | undefined): string | undefined {
  if (directory === undefined || directory === '') {
    return undefined;
  }
  const resolved = path.resolve(directory);
  const version = path.basename(resolved);
  return /^\d+$/.test(version) && path.basename(path.dirname(resolved)) === modelName ? version : undefined;
}
