import { type JsonValue, REDACTED, redactSecrets } from '@azureml-ts/common';
import { isJsonObject, type JsonObject } from '../../azure/json-object.ts';
import { limited } from '../../azure/limited.ts';
import type { EnvironmentAsset } from '../../environment/environment-asset.ts';
import type { PlannedRequest, PlannedUpload } from '../../model/planned-work.ts';
import type { ModelAsset } from '../../model/registered-models.ts';
import type { Workspace } from '../../workspace/workspace.ts';
import { withField } from '../data-collector.ts';
import { EndpointRecord } from '../endpoint-record.ts';
import { ONLINE_API_VERSION, onlineEndpointsUrl } from '../online-api.ts';
import { shownVariables } from '../variables.ts';
import { writablePart } from '../writable-resource.ts';
import { checkOnlineDeploy } from './check-online-deploy.ts';
import type { DeployOnlineInternals, OnlineDeployOptions } from './deploy-options.ts';
import { readState } from './deploy-state.ts';
import { type OnlinePlan, planOnline, withoutKeys } from './plan-online.ts';

/** Version of the interface that the named client speaks, which registers models and environments. */
const ASSET_API_VERSION = '2022-10-01';

/** What `Model.deploy` to an online endpoint would do now; see {@link Model.planDeployment}. */
export interface DeploymentPlan {
  /** Name of the endpoint. */
  readonly name: string;
  /** Class of the service. */
  readonly kind: 'OnlineEndpoint';
  /** Name of the deployment. */
  readonly deploymentName: string;
  /** In their order; each comes before the request that refers to it. */
  readonly uploads: readonly PlannedUpload[];
  /** In their order. None when all is as asked for already. */
  readonly requests: readonly PlannedRequest[];
}

/** Plans a deployment, and does nothing of it; see `Model.planDeployment`. */
export async function planDeployment(
  workspace: Workspace,
  options: OnlineDeployOptions,
  internals: DeployOnlineInternals = {},
): Promise<DeploymentPlan> {
  const checked = await checkOnlineDeploy(options, internals);
  const { endpointName, deploymentName } = checked;
  const { timeoutMs, abortSignal: given } = options;
  const limits = { timeoutMs, abortSignal: given };
  return limited(`Planning the deployment of "${endpointName}"`, limits, async (abortSignal) => {
    const record = new EndpointRecord(workspace, endpointName, {});
    const state = await readState(record, deploymentName, { abortSignal });
    return shownPlan(workspace, await planOnline(workspace, checked, state, { abortSignal }));
  });
}

function shownPlan(workspace: Workspace, plan: OnlinePlan): DeploymentPlan {
  const { endpointName, deploymentName } = plan.checked;
  const endpoint = `${onlineEndpointsUrl(workspace)}/${endpointName}`;
  const put = (what: string, path: string, version: string, body: JsonObject): PlannedRequest => ({
    what,
    method: 'PUT',
    url: `${workspace.azure.endpoint}${path}?api-version=${version}`,
    body: shownBody(body),
  });
  const asset = (kind: 'model' | 'environment', made: ModelAsset | EnvironmentAsset | undefined): PlannedRequest[] =>
    made === undefined
      ? []
      : [
          put(
            `Registering the ${kind} ${made.name}:${made.version}`,
            `${workspace.id}/${kind}s/${made.name}/versions/${made.version}`,
            ASSET_API_VERSION,
            { properties: (made.properties ?? {}) as JsonObject },
          ),
        ];
  const traffic = trafficBody(plan);
  return {
    name: endpointName,
    kind: 'OnlineEndpoint',
    deploymentName,
    uploads: [...uploadOf('model', plan.model), ...uploadOf('environment', plan.environment)],
    requests: [
      ...asset('model', plan.model),
      ...asset('environment', plan.environment),
      ...(plan.endpointBody === undefined
        ? []
        : [put(`Making the endpoint ${endpointName}`, endpoint, ONLINE_API_VERSION, plan.endpointBody)]),
      ...(plan.deploymentBody === undefined
        ? []
        : [
            put(
              `Making the deployment ${deploymentName}`,
              `${endpoint}/deployments/${deploymentName}`,
              ONLINE_API_VERSION,
              plan.deploymentBody,
            ),
          ]),
      ...(traffic === undefined ? [] : [put('Setting the traffic', endpoint, ONLINE_API_VERSION, traffic)]),
    ],
  };
}

/** What the service fills in to an endpoint that is made new comes on top when it is sent. */
function trafficBody({ endpoint, endpointBody, traffic }: OnlinePlan): JsonObject | undefined {
  const base = endpoint === undefined ? endpointBody && withoutKeys(endpointBody) : writablePart(endpoint);
  return base === undefined || traffic === undefined
    ? undefined
    : withField(base, 'properties', withField(base['properties'] as JsonObject, 'traffic', traffic));
}

function uploadOf(kind: string, asset: ModelAsset | EnvironmentAsset | undefined): PlannedUpload[] {
  const { content, url } = asset ?? {};
  if (asset === undefined || content === undefined || url === undefined) {
    return [];
  }
  return [
    {
      what: `${kind} ${asset.name}:${asset.version}`,
      url,
      files: content.files.map(({ path, size }) => ({ path, size })),
      bytes: content.files.reduce((sum, { size }) => sum + size, 0),
    },
  ];
}

function shownBody(body: JsonObject): JsonValue {
  const properties = isJsonObject(body['properties']) ? body['properties'] : {};
  const { keys, environmentVariables } = properties;
  let shown = properties;
  if (isJsonObject(keys)) {
    shown = withField(shown, 'keys', Object.fromEntries(Object.keys(keys).map((name) => [name, REDACTED])));
  }
  if (isJsonObject(environmentVariables)) {
    shown = withField(shown, 'environmentVariables', shownVariables(environmentVariables));
  }
  return JSON.parse(JSON.stringify(withField(body, 'properties', shown)), (_, value) =>
    typeof value === 'string' ? redactSecrets(value) : value,
  ) as JsonValue;
}
