import { REDACTED } from '@azureml-ts/common';
import { withoutReferences } from '../../deployment-file/references.ts';
import { SET_BY_DEPLOYMENT } from '../../online/deploy/check-online-deploy.ts';
import { MANAGED_VARIABLES } from '../../online/variables.ts';
import {
  autoscalerOf,
  dataCollectionOf,
  encryptionOf,
  flagOf,
  livenessProbeOf,
  numberOf,
  objectOf,
  requirementsOf,
  textOf,
  textsOf,
  vnetOf,
} from '../attributes.ts';
import { fieldAt } from '../json-patch.ts';
import { suggestedInstanceType } from './instance-type.ts';
import type { MigrationDraft } from './migration-draft.ts';

/** Longest time for one request on machines that Azure manages. Source: Azure's limits of online endpoints. */
const MOST_REQUEST_MS = 180_000;
/** What a classic service on AKS takes when nothing is said. */
const CLASSIC_REQUEST_MS = 60_000;
/** Written by the classic clients about where they ran. */
const MADE_BY_CLIENT = /^(azureml\.git\.|mlflow\.source\.|hasInferenceSchema$|hasHttps$)/;
/** Keys of a resource, and the field that a draft tells of. */
type Resource = Readonly<Record<string, unknown>>;

/** How callers show who they are. */
export function carryAuthentication(resource: Resource, draft: MigrationDraft): void {
  if (flagOf(resource, 'aadAuthEnabled') === true) {
    draft.change('aadAuthEnabled', 'auth_mode', 'aml_token', 'callers must get their tokens from the new endpoint');
    return;
  }
  if (flagOf(resource, 'authEnabled') === true) {
    draft.carry('authEnabled', 'auth_mode', 'key');
    draft.note(
      'keys',
      'todo',
      'callers keep their keys when primary_key and secondary_key are set, else new keys are made',
    );
    draft.offer('primary_key', reference('PRIMARY_KEY'), [
      'So that callers keep their keys: set these variables from `azureml-ts service keys NAME --show`.',
    ]);
    draft.offer('secondary_key', reference('SECONDARY_KEY'), []);
    return;
  }
  draft.change(
    'authEnabled',
    'auth_mode',
    'key',
    'the classic service let everybody call; an online endpoint never does: callers must send "Authorization: Bearer KEY"',
  );
}

/** The script, its models and its variables. */
export function carrySources(resource: Resource, draft: MigrationDraft): void {
  const ids = fieldAt(resource, ['modelIds']) ?? fieldAt(resource, ['environmentImageRequest', 'modelIds']);
  const [first, ...others] = (Array.isArray(ids) ? ids : []).filter((id): id is string => typeof id === 'string');
  if (first !== undefined && others.length === 0) {
    draft.carry('modelIds', 'model', withoutReferences(`azureml:${first}`));
  } else if (first !== undefined) {
    const message = `an online deployment mounts one model: register a folder with ${[first, ...others].join(', ')} as one model and name it here`;
    draft.change('modelIds', 'model', withoutReferences(`azureml:${first}`), message, 'todo');
  }
  draft.change(
    'environmentImageRequest',
    'code_configuration',
    { code: './src', scoring_script: 'score.ts' },
    'the Node script that takes the place of the Python one, beside its package.json and package-lock.json',
    'todo',
  );
  const all = Object.keys(objectOf(resource, 'environmentImageRequest', 'environment', 'environmentVariables') ?? {});
  const isSet = (name: string) => Object.hasOwn(SET_BY_DEPLOYMENT, name) || Object.hasOwn(MANAGED_VARIABLES, name);
  const isName = (name: string) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name);
  const names = all.filter((name) => !isSet(name) && isName(name));
  const set = all.filter(isSet);
  if (set.length > 0) {
    draft.note('environmentVariables', 'changed', `${set.join(', ')} are set by the deployment itself`);
  }
  const wrong = all.filter((name) => !isSet(name) && !isName(name));
  if (wrong.length > 0) {
    draft.note('environmentVariables', 'lost', `${wrong.join(', ')}: no names that a variable can have here`);
  }
  if (names.length > 0) {
    draft.change(
      'environmentVariables',
      'environment_variables',
      Object.fromEntries(names.map((name) => [name, reference(name)])),
      'their values may be secret and are not copied: they come from the environment of whoever deploys',
    );
  }
}

/** The two switches. */
export function carrySwitches(resource: Resource, draft: MigrationDraft): void {
  draft.carry('appInsightsEnabled', 'app_insights_enabled', flagOf(resource, 'appInsightsEnabled') === true);
  const collection = dataCollectionOf(resource);
  if (collection?.storageEnabled === true) {
    draft.change(
      'dataCollection.storageEnabled',
      'data_collector',
      true,
      'rows go on in the same layout, under the name of the endpoint; the script needs @azureml-ts/monitoring in its lock file',
    );
  } else {
    draft.carry('dataCollection.storageEnabled', 'data_collector', false);
  }
  if (collection?.eventHubEnabled === true) {
    draft.note('dataCollection.eventHubEnabled', 'lost', 'rows are collected in a storage account only');
  }
}

/** The machines: their size and number. */
export function carryCompute(resource: Resource, draft: MigrationDraft, cluster: string | undefined): void {
  const { cpu = 0.1, memoryInGb = 0.5, gpu, cpuLimit, memoryInGbLimit } = requirementsOf(resource) ?? {};
  const asked = `${cpu} cores, ${memoryInGb} GB${gpu ? `, ${gpu} GPU` : ''}`;
  if (cluster !== undefined) {
    draft.change(
      'computeName',
      'compute',
      cluster,
      'the cluster must be attached with the extension for Kubernetes online endpoints',
    );
    draft.carry('containerResourceRequirements', 'resources', {
      requests: { cpu: String(cpu), memory: `${memoryInGb}Gi`, ...(gpu ? { 'nvidia.com/gpu': gpu } : {}) },
      ...(cpuLimit === undefined && memoryInGbLimit === undefined
        ? {}
        : {
            limits: {
              ...(cpuLimit === undefined ? {} : { cpu: String(cpuLimit) }),
              ...(memoryInGbLimit === undefined ? {} : { memory: `${memoryInGbLimit}Gi` }),
            },
          }),
    });
  } else {
    const suggestion = suggestedInstanceType({ cpu, memoryInGb, gpu: gpu ?? 0 });
    draft.change(
      'containerResourceRequirements',
      'instance_type',
      suggestion ?? 'Standard_DS3_v2',
      suggestion === undefined
        ? `a replica asked for ${asked}, more than the usual sizes have: choose one that holds it`
        : `a replica asked for ${asked}; on managed endpoints every instance has a machine of its own, and its quota is needed`,
      suggestion === undefined ? 'todo' : 'changed',
    );
  }
  if (requirementsOf(resource) !== undefined) {
    noteRequirements(resource, draft, cluster === undefined);
  }
  carryReplicas(resource, draft, cluster !== undefined);
}

function noteRequirements(resource: Resource, draft: MigrationDraft, isManaged: boolean): void {
  const { cpuLimit, memoryInGbLimit } = requirementsOf(resource) ?? {};
  if (isManaged && (cpuLimit ?? memoryInGbLimit) !== undefined) {
    const fields = 'containerResourceRequirements.cpuLimit, containerResourceRequirements.memoryInGBLimit';
    draft.note(fields, 'lost', 'an instance has its machine for itself: the limit is the size of the machine');
  }
  if (numberOf(resource, 'containerResourceRequirements', 'fpga')) {
    draft.note('containerResourceRequirements.fpga', 'lost', 'online endpoints have no FPGAs');
  }
}

function carryReplicas(resource: Resource, draft: MigrationDraft, isKubernetes: boolean): void {
  const scaler = autoscalerOf(resource);
  const replicas = numberOf(resource, 'numReplicas');
  const { minReplicas = 1, maxReplicas = 10, targetUtilization = 70, refreshPeriodSeconds = 1 } = scaler ?? {};
  if (scaler?.autoscaleEnabled !== true) {
    if (replicas !== undefined) {
      draft.carry('numReplicas', 'instance_count', replicas);
    }
    return;
  }
  if (replicas !== undefined) {
    draft.note('numReplicas', 'changed', 'the number follows the load');
  }
  if (isKubernetes) {
    draft.carry('autoScaler', 'scale_settings', {
      type: 'target_utilization',
      min_instances: minReplicas,
      max_instances: maxReplicas,
      target_utilization_percentage: targetUtilization,
      polling_interval: refreshPeriodSeconds,
    });
    return;
  }
  draft.change(
    'autoScaler',
    'instance_count',
    minReplicas,
    `scaling is a rule of Azure Monitor now: make one for the deployment with ${minReplicas} to ${maxReplicas} instances at ${targetUtilization} % CPU`,
    'todo',
  );
}

/** How requests are taken and how health is asked for. */
export function carryRequests(resource: Resource, draft: MigrationDraft, isManaged: boolean): void {
  const timeout = numberOf(resource, 'scoringTimeoutMs') ?? CLASSIC_REQUEST_MS;
  const isCut = isManaged && timeout > MOST_REQUEST_MS;
  const concurrent = numberOf(resource, 'maxConcurrentRequestsPerContainer');
  const wait = numberOf(resource, 'maxQueueWaitMs');
  const settings = {
    request_timeout_ms: isCut ? MOST_REQUEST_MS : timeout,
    ...(concurrent === undefined ? {} : { max_concurrent_requests_per_instance: concurrent }),
    ...(wait === undefined ? {} : { max_queue_wait_ms: wait }),
  };
  if (isCut) {
    const message = `the timeout was ${timeout} ms; a managed endpoint has ${MOST_REQUEST_MS} at most`;
    draft.change('scoringTimeoutMs', 'request_settings', settings, message);
    draft.note('maxConcurrentRequestsPerContainer, maxQueueWaitMs', 'carried', 'is request_settings');
  } else {
    draft.carry('scoringTimeoutMs, maxConcurrentRequestsPerContainer, maxQueueWaitMs', 'request_settings', settings);
  }
  if (objectOf(resource, 'livenessProbeRequirements') !== undefined) {
    const probe = livenessProbeOf(resource);
    draft.carry('livenessProbeRequirements', 'liveness_probe', {
      initial_delay: probe.initialDelaySeconds,
      period: probe.periodSeconds,
      timeout: probe.timeoutSeconds,
      failure_threshold: probe.failureThreshold,
      success_threshold: probe.successThreshold,
    });
  }
}

/** Description, tags and properties. */
export function carryTexts(resource: Resource, draft: MigrationDraft): void {
  const description = textOf(resource, 'description');
  if (description !== undefined && description !== '') {
    draft.carry('description', 'description', withoutReferences(description));
  }
  const tags = textsOf(resource, 'kvTags');
  if (Object.keys(tags).length > 0) {
    draft.carry('kvTags', 'tags', literal(Object.entries(tags)));
  }
  const all = Object.entries(textsOf(resource, 'properties'));
  const own = all.filter(([name, value]) => !MADE_BY_CLIENT.test(name) && value !== REDACTED);
  if (own.length > 0) {
    draft.carry('properties', 'properties', literal(own));
  }
  const hidden = all.filter(([name, value]) => !MADE_BY_CLIENT.test(name) && value === REDACTED).map(([name]) => name);
  if (hidden.length > 0) {
    draft.note('properties', 'todo', `the values of ${hidden.join(', ')} may be secret and are not copied: add them`);
  }
  const made = all.filter(([name]) => MADE_BY_CLIENT.test(name)).map(([name]) => name);
  if (made.length > 0) {
    draft.note(
      'properties',
      'lost',
      `how the classic service was made (${made.join(', ')}) means nothing for an online endpoint`,
    );
  }
}

/** What an online endpoint has no counterpart for. */
export function noteLosses(
  resource: Resource,
  draft: MigrationDraft,
  { cluster, isVersion }: { readonly cluster: string | undefined; readonly isVersion: boolean },
): void {
  const { vnetName } = vnetOf(resource) ?? {};
  const { vaultBaseUrl } = encryptionOf(resource) ?? {};
  const lost: readonly (readonly [field: string, value: unknown, message: string])[] = [
    [
      'sslEnabled, sslCertificate, sslKey',
      flagOf(resource, 'sslEnabled') === true,
      'an online endpoint always serves TLS with a certificate of Azure',
    ],
    [
      'cname',
      textOf(resource, 'cname'),
      'an online endpoint has no host name of your own: put a gateway in front for that',
    ],
    ['vnetConfiguration', vnetName, 'use public_network_access: disabled with a private endpoint of the workspace'],
    ['encryptionProperties', vaultBaseUrl, 'the key of your own is that of the workspace'],
    [
      'computeName',
      cluster === undefined ? textOf(resource, 'computeName') : undefined,
      'Azure manages the machines; name a cluster to stay on Kubernetes',
    ],
    [
      'namespace',
      textOf(resource, 'namespace'),
      cluster === undefined
        ? 'there is no cluster of yours any more'
        : 'it is the one that the cluster was attached with for online endpoints',
    ],
    ['location', textOf(resource, 'location'), 'an online endpoint is in the region of its workspace'],
    [
      'publicIp, publicFqdn',
      textOf(resource, 'publicFqdn') || textOf(resource, 'publicIp'),
      'the endpoint has an address of its own',
    ],
    ['imageId', textOf(resource, 'imageId'), 'the image is made anew, from the Node script'],
    [
      'isDefault',
      isVersion && flagOf(resource, 'isDefault') === true,
      'requests go by the shares of the traffic alone',
    ],
    [
      'type',
      textOf(resource, 'type') === 'Treatment' ? 'Treatment' : undefined,
      'deployments have shares of the traffic, but no roles',
    ],
  ];
  for (const [field, value, message] of lost) {
    if (value !== undefined && value !== false && value !== '') {
      draft.note(field, 'lost', message);
    }
  }
  draft.note(
    'scoringUri',
    'changed',
    'the address is a new one, https://ENDPOINT.REGION.inference.ml.azure.com/score: callers must be told of it',
  );
}

/** Texts of the classic service: whoever wrote them must not reach the environment of whoever deploys. */
function literal(texts: readonly (readonly [name: string, text: string])[]): Record<string, string> {
  return Object.fromEntries(texts.map(([name, text]) => [name, withoutReferences(text)]));
}

/** A reference that the reader of deployment files knows. */
function reference(name: string): string {
  return `\${{ env.${name} }}`;
}
