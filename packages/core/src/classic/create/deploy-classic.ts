import { AzuremlError, type WaitOptions } from '@azureml-ts/common';
import type { JsonObject } from '../../azure/json-object.ts';
import { DeploymentConfigurationError, WebserviceError } from '../../errors.ts';
import type { ModelDeployOptions } from '../../model/model.ts';
import type { WaitForDeploymentOptions } from '../../webservice/webservice.ts';
import type { Workspace } from '../../workspace/workspace.ts';
import type { AciWebservice } from '../aci-webservice.ts';
import type { AksEndpoint } from '../aks-endpoint.ts';
import type { AksWebservice } from '../aks-webservice.ts';
import { begunOperation } from '../classic-operation.ts';
import type { ClassicWebservice } from '../classic-webservice.ts';
import type { AciDeploymentConfiguration } from '../configuration/aci-deployment-configuration.ts';
import type {
  AksDeploymentConfiguration,
  AksEndpointDeploymentConfiguration,
} from '../configuration/aks-deployment-configuration.ts';
import { callModelManagement } from '../model-management.ts';
import { checkFirst, checkName, checkResource } from '../preflight.ts';
import { secretsIn } from '../secrets.ts';
import { fetchService } from '../service-requests.ts';
import { timeBudget } from '../time-budget.ts';
import { checkCreate, modelIdOf } from './check-create.ts';
import { aciCreateBody, aksCreateBody, aksEndpointCreateBody } from './create-body.ts';
import { aciImageBody, aksImageBody } from './image-body.ts';
import { type ScriptImage, scriptImage } from './image-request.ts';
import { uploadAsset } from './upload-asset.ts';

/** Configurations of the classic kinds. */
export type ClassicDeploymentConfiguration =
  | AksDeploymentConfiguration
  | AciDeploymentConfiguration
  | AksEndpointDeploymentConfiguration;

/** What a deployment to the classic plane makes, by its configuration. */
export type ClassicDeployment<C extends ClassicDeploymentConfiguration = ClassicDeploymentConfiguration> =
  C extends AciDeploymentConfiguration
    ? AciWebservice
    : C extends AksDeploymentConfiguration
      ? AksWebservice
      : AksEndpoint;

/**
 * Makes a classic service; see `Model.deploy`. Returns when the service has accepted it, or waits with `wait`.
 *
 * @param workspace Whose service.
 * @param options The deployment.
 * @throws {@link DeploymentConfigurationError} listing every fault; {@link WebserviceError} `WEBSERVICE_EXISTS`,
 *   `REQUEST_REFUSED`.
 */
export async function deployClassic(workspace: Workspace, options: ModelDeployOptions): Promise<ClassicDeployment> {
  const { image, parts } = await checkedClassic(options);
  return create(workspace, options, async (next) => {
    for (const { asset } of parts) {
      await uploadAsset(workspace, asset, next());
    }
    return scriptBody(options, image);
  });
}

/**
 * Checks a deployment, and makes what it uploads.
 *
 * @throws {@link DeploymentConfigurationError} listing every fault.
 */
export async function checkedClassic(options: ModelDeployOptions): Promise<ScriptImage> {
  const { faults, script } = checkCreate(options);
  if (faults.length > 0) {
    throw new DeploymentConfigurationError(`The deployment of "${options.name ?? 'a service without name'}"`, faults);
  }
  const { inferenceConfig, models = [] } = options;
  const modelIds = models.map((model) => modelIdOf(model) ?? '');
  return inferenceConfig === undefined || script === undefined
    ? { image: { modelIds }, parts: [] }
    : scriptImage(inferenceConfig, script, modelIds);
}

/** Options of `ClassicWebservice.deployFromImage`. */
export interface DeployFromImageOptions
  extends Omit<WaitForDeploymentOptions, 'onProgress'>,
    Pick<ModelDeployOptions, 'name' | 'overwrite' | 'target' | 'wait' | 'onProgress'> {
  /** Id of an image that the classic service has built before: name and version, for example `img:1`. */
  readonly imageId: string;
  /** What `AksWebservice.deployConfiguration()` or `AciWebservice.deployConfiguration()` returned. */
  readonly deploymentConfig: AksDeploymentConfiguration | AciDeploymentConfiguration;
}

/** Makes a classic service from an image that is there. */
export async function deployImage(workspace: Workspace, options: DeployFromImageOptions): Promise<ClassicDeployment> {
  const { imageId } = options;
  const { faults } = checkCreate({
    ...options,
    models: [{ id: imageId, modelFramework: 'Multi' }],
    inferenceConfig: undefined,
  });
  if ((options.deploymentConfig as { kind?: unknown }).kind === 'AksEndpoint') {
    faults.push({
      path: 'deploymentConfig',
      message: 'must be for AksWebservice or AciWebservice: an endpoint is made from a script',
    });
  }
  if (typeof imageId !== 'string' || imageId === '') {
    faults.push({ path: 'imageId', message: 'must be the id of an image, for example img:1' });
  }
  if (faults.length > 0) {
    throw new DeploymentConfigurationError(`The deployment of "${options.name}"`, faults);
  }
  return create(workspace, options, async () => imageBody(options));
}

async function create(
  workspace: Workspace,
  options: Pick<
    ModelDeployOptions,
    'name' | 'overwrite' | 'target' | 'wait' | 'onProgress' | 'showOutput' | 'deploymentConfig'
  > &
    WaitOptions,
  makeBody: (next: () => WaitOptions) => Promise<JsonObject>,
): Promise<ClassicDeployment> {
  const { name, overwrite = false, onProgress, showOutput, abortSignal } = options;
  const what = `The deployment of "${name}"`;
  const next = timeBudget(what, options);
  const body = await makeBody(next);
  const secrets = secretsIn(body);
  if (!overwrite) {
    await checkName(workspace, name, what, next);
  }
  await checkFirst(workspace, { type: 'Create', serviceName: name, createRequest: body }, what, next);
  if (!overwrite) {
    await checkResource(workspace, body, what, next);
  }
  const answer = await callModelManagement(workspace, {
    ...next(),
    method: 'POST',
    path: 'services',
    body,
    // A creation that is sent twice would meet itself.
    isSentOnce: true,
    secrets,
    what,
  }).catch((error: unknown) => {
    throw error instanceof AzuremlError && error.statusCode === 409 ? nameTaken(name, error) : error;
  });
  const begun = begunOperation(answer, what);
  // Loaded late: it knows the classes that are made from the base class, which knows this file.
  const { classicService } = await import('../classic-plane.ts');
  const service = classicService(workspace, await fetchService(workspace, name, next())) as ClassicWebservice;
  service.expectEnd(begun && { ...begun, what, secrets, runningState: 'Transitioning', doneState: 'Healthy' });
  if (options.wait === true) {
    await service.waitForDeployment({ onProgress, showOutput, abortSignal, ...next() });
  }
  return service as ClassicDeployment;
}

/** The request for a service from a script, or from a model of a known framework. */
export function scriptBody(options: ModelDeployOptions, environmentImageRequest: JsonObject): JsonObject {
  const { name, overwrite = false, target } = options;
  const configuration = options.deploymentConfig as ClassicDeploymentConfiguration;
  const init = { name, environmentImageRequest, overwrite };
  switch (configuration.kind) {
    case 'AciWebservice':
      return aciCreateBody(init, configuration.settings);
    case 'AksEndpoint':
      return aksEndpointCreateBody(init, configuration.settings, configuration.settings.computeTargetName ?? target);
    default:
      return aksCreateBody(init, configuration.settings, configuration.settings.computeTargetName ?? target);
  }
}

function imageBody({ name, imageId, overwrite = false, target, deploymentConfig }: DeployFromImageOptions): JsonObject {
  const init = { name, imageId, overwrite };
  return deploymentConfig.kind === 'AciWebservice'
    ? aciImageBody(init, deploymentConfig.settings)
    : aksImageBody(init, deploymentConfig.settings, deploymentConfig.settings.computeTargetName ?? target);
}

/** What it means that a service of the name is there. */
export function nameTaken(name: string, cause?: AzuremlError): WebserviceError {
  return new WebserviceError(
    'WEBSERVICE_EXISTS',
    `There is a service "${name}" in the workspace already. Set overwrite: true to replace it, update() it, or choose another name.`,
    cause === undefined ? {} : { cause, statusCode: cause.statusCode, requestId: cause.requestId },
  );
}
