import { isAzuremlError, type JsonValue, type WaitOptions } from '@azureml-ts/common';
import type { JsonObject } from '../../azure/json-object.ts';
import type { ModelDeployOptions } from '../../model/model.ts';
import type { PlannedRequest, PlannedUpload } from '../../model/planned-work.ts';
import type { Workspace } from '../../workspace/workspace.ts';
import { modelManagementUrl } from '../model-management.ts';
import { withoutSecrets } from '../secrets.ts';
import { fetchService } from '../service-requests.ts';
import { timeBudget } from '../time-budget.ts';
import { type ClassicDeploymentConfiguration, checkedClassic, nameTaken, scriptBody } from './deploy-classic.ts';
import { assetUri, localUploadRequest } from './upload-asset.ts';

/** What `Model.deploy` of a classic service would do now; see `Model.planDeployment`. */
export interface ClassicDeploymentPlan {
  /** Name of the service. */
  readonly name: string;
  /** Class of the service. */
  readonly kind: ClassicDeploymentConfiguration['kind'];
  /** In their order: each goes, with PUT, to the address that the request for its upload is answered with. */
  readonly uploads: readonly PlannedUpload[];
  /** In their order. */
  readonly requests: readonly PlannedRequest[];
}

/**
 * Plans a classic deployment, and does nothing of it. Whether the service would accept it is not known: its own checks are
 * requests of the plan.
 */
export async function planClassic(workspace: Workspace, options: ModelDeployOptions): Promise<ClassicDeploymentPlan> {
  const { image, parts } = await checkedClassic(options);
  const { name, overwrite = false } = options;
  const { kind } = options.deploymentConfig as ClassicDeploymentConfiguration;
  const next = timeBudget(`Planning the deployment of "${name}"`, options);
  const base = await modelManagementUrl(workspace, next());
  if (!overwrite) {
    await checkFree(workspace, name, next);
  }
  const body = scriptBody(options, image);
  const assets = [];
  for (const { asset, what, files } of parts) {
    const { url, body: paths } = await localUploadRequest(workspace, asset, next());
    const upload: PlannedUpload = { what, url: assetUri(asset), files, bytes: asset.bytes.length };
    assets.push({ upload, request: post(`Asking where to upload ${asset.name}`, url, paths) });
  }
  const creation = { type: 'Create', serviceName: name, createRequest: body, updateRequest: null };
  const validate = `${base}/services/validate`;
  const requests = [
    ...assets.map(({ request }) => request),
    ...(overwrite ? [] : [post('Checking the name', `${validate}/name/${encodeURIComponent(name)}`, {})]),
    post('Checking the request', validate, creation),
    ...(overwrite ? [] : [post('Checking what it needs', `${validate}/resource`, body)]),
    post(`Making the service ${name}`, `${base}/services`, body),
  ];
  return { name, kind, uploads: assets.map(({ upload }) => upload), requests };
}

async function checkFree(workspace: Workspace, name: string, next: () => WaitOptions): Promise<void> {
  try {
    await fetchService(workspace, name, next());
  } catch (error) {
    if (isAzuremlError(error, 'WEBSERVICE_NOT_FOUND')) {
      return;
    }
    throw error;
  }
  throw nameTaken(name);
}

function post(what: string, url: string, body: JsonObject): PlannedRequest {
  return { what, method: 'POST', url, body: withoutSecrets(body) as JsonValue };
}
