import { isAzuremlError, type WaitOptions } from '@azureml-ts/common';
import type { JsonObject } from '../azure/json-object.ts';
import type { ListWebservicesOptions, Webservice } from '../webservice/webservice.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { AciWebservice } from './aci-webservice.ts';
import { AksEndpoint } from './aks-endpoint.ts';
import { AksWebservice } from './aks-webservice.ts';
import { textOf } from './attributes.ts';
import { checkOptions, checkServiceName } from './check-options.ts';
import type { ClassicWebservice } from './classic-webservice.ts';
import { computeTypeOf, kindOf } from './compute-type.ts';
import { type ClassicListOptions, listServices } from './list-services.ts';
import { fetchService, limits } from './service-requests.ts';
import { UnknownWebservice } from './unknown-webservice.ts';

const CLASSES = { AksWebservice, AciWebservice, AksEndpoint, UnknownWebservice } as const;

/** Makes the object of a service, of the class for its compute type. */
export function classicService(workspace: Workspace, resource: JsonObject): ClassicWebservice {
  return new CLASSES[kindOf(textOf(resource, 'computeType'))](workspace, resource);
}

/** Reads a service, whatever its kind. @throws {@link WebserviceNotFoundError} `WEBSERVICE_NOT_FOUND`. */
export async function openService(
  workspace: Workspace,
  name: string,
  options: WaitOptions,
): Promise<ClassicWebservice> {
  checkOptions('get', options, 'ClassicWebservice');
  checkServiceName(name);
  return classicService(workspace, await fetchService(workspace, name, limits(options)));
}

/** Lists services of all kinds. */
export async function* listClassic(
  workspace: Workspace,
  options: ClassicListOptions,
): AsyncGenerator<ClassicWebservice> {
  checkOptions('list', options, 'ClassicWebservice');
  for await (const resource of listServices(workspace, options)) {
    yield classicService(workspace, resource);
  }
}

/** The classic services of a workspace, for a search over all kinds of services. A workspace may have none of them. */
export const classicPlane = {
  /**
   * Reads the classic service of a name.
   *
   * @returns `undefined` when there is none.
   */
  async get(workspace: Workspace, name: string, options: WaitOptions = {}): Promise<Webservice | undefined> {
    try {
      return await openService(workspace, name, limits(options));
    } catch (error) {
      if (isAzuremlError(error, 'WEBSERVICE_NOT_FOUND') || isAzuremlError(error, 'CLASSIC_PLANE_MISSING')) {
        return undefined;
      }
      throw error;
    }
  },

  /** Lists the classic services, a page at a time; `kind` narrows to one class. */
  async *list(
    workspace: Workspace,
    options: ListWebservicesOptions & ClassicListOptions = {},
  ): AsyncGenerator<Webservice> {
    const { kind, ...filters } = options;
    const computeType = filters.computeType ?? (kind === undefined ? undefined : computeTypeOf(kind));
    try {
      for await (const service of listClassic(workspace, { ...filters, computeType })) {
        if (kind === undefined || service.kind === kind) {
          yield service;
        }
      }
    } catch (error) {
      if (!isAzuremlError(error, 'CLASSIC_PLANE_MISSING')) {
        throw error;
      }
    }
  },
};
