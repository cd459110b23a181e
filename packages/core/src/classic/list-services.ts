import { ValidationError } from '@azureml-ts/common';
import type { JsonObject } from '../azure/json-object.ts';
import { listResources } from '../azure/pages.ts';
import type { ListWebservicesOptions } from '../webservice/webservice.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { checkComputeType } from './compute-type.ts';
import { modelManagementUrl, sessionHeaders } from './model-management.ts';
import { limits } from './service-requests.ts';

/** Options of `list()` of the classic services. Only services that fit all of them are listed. */
export interface ClassicListOptions extends Omit<ListWebservicesOptions, 'kind'> {
  /** Compute type: `ACI`, `AKS`, `AKSENDPOINT`, `IOT` or `MIR`, in any case. Default: that of the class. */
  readonly computeType?: string | undefined;
  /** Name of the image that a service was made from. */
  readonly imageName?: string | undefined;
  /** Id of the image: name and version. */
  readonly imageId?: string | undefined;
  /** Digest of the image. */
  readonly imageDigest?: string | undefined;
  /** Name of a model of the service. */
  readonly modelName?: string | undefined;
  /** Id of a model of the service: name and version, for example `best_model:10`. */
  readonly modelId?: string | undefined;
}

/**
 * Lists services, asking for a page when its first service is asked for.
 *
 * Source: GET services of the classic service; `Webservice.list` of azureml-core.
 *
 * @param workspace Whose services.
 * @param options Filters; `abortSignal`; `timeoutMs` for each page.
 * @throws {@link ValidationError} `VALIDATION` for a compute type that is not there, or a tag that the service cannot be
 *   asked for.
 */
export async function* listServices(workspace: Workspace, options: ClassicListOptions): AsyncGenerator<JsonObject> {
  const query = listQuery(options);
  const base = await modelManagementUrl(workspace, limits(options));
  yield* listResources(
    workspace.azure,
    {
      url: `${base}/services`,
      query,
      what: `Listing the services of the workspace "${workspace.workspaceName}"`,
      headers: { 'content-type': 'application/json', ...sessionHeaders() },
    },
    limits(options),
  );
}

/** The query of a list, in the order that the Python client sends it. */
export function listQuery(options: ClassicListOptions): Record<string, string | undefined> {
  if (options.computeType !== undefined) {
    checkComputeType(options.computeType);
  }
  return {
    expand: 'true',
    computeType: options.computeType,
    imageName: textFilter('imageName', options.imageName),
    imageId: textFilter('imageId', options.imageId),
    modelName: textFilter('modelName', options.modelName),
    modelId: textFilter('modelId', options.modelId),
    tags: pairsFilter('tags', options.tags),
    properties: pairsFilter('properties', options.properties),
    imageDigest: textFilter('imageDigest', options.imageDigest),
  };
}

function textFilter(path: string, value: unknown): string | undefined {
  if (value === undefined || value === null) {
    return undefined;
  }
  if (typeof value !== 'string' || value === '') {
    throw new ValidationError({ path, expected: 'a text that is not empty', received: value });
  }
  return value;
}

/** `name` and `name=value`, joined by commas; the service knows no escape. */
function pairsFilter(path: string, pairs: ClassicListOptions['tags']): string | undefined {
  if (pairs === undefined || pairs === null) {
    return undefined;
  }
  if (!Array.isArray(pairs)) {
    throw new ValidationError({ path, expected: 'a list of names and [name, value] pairs', received: pairs });
  }
  const asked = pairs.map((pair: unknown, index) => {
    const parts = Array.isArray(pair) && pair.length === 2 ? pair : [pair];
    if (!parts.every((part) => typeof part === 'string') || parts[0] === '') {
      throw new ValidationError({
        path: `${path}[${index}]`,
        expected: 'a name, or a pair [name, value] of texts',
        received: pair,
      });
    }
    const comma = parts.find((part) => part.includes(','));
    if (comma !== undefined) {
      throw new ValidationError({
        path: `${path}[${index}]`,
        expected: 'a text without a comma, because the service takes a comma for the end of an entry',
        received: comma,
      });
    }
    return parts.join('=');
  });
  return asked.length === 0 ? undefined : asked.join(',');
}
