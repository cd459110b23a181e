import { ONLINE_ENVIRONMENT } from './environment-keys.ts';
import type { KeyRule, Keys } from './key-rule.ts';
import { AZURE_KEYS, COLLECTOR_SWITCH, COMPUTE, DESTINATION_KEYS, MODEL_KEYS, SHARED_KEYS } from './shared-keys.ts';

const COLLECTION: KeyRule = {
  is: 'object',
  about: 'One collection.',
  keys: {
    enabled: { is: 'flag', about: 'Switches the collection on or off. Default true.' },
    sampling_rate: {
      is: 'number',
      least: 0,
      most: 1,
      about: 'Share of the requests that is collected. Default: sampling_rate of the data collector, else 1.',
    },
    data: { is: 'text', about: 'Id of the data asset that points to the collected data.', to: 'dataAssetId' },
    client_id: { is: 'text', about: 'Client id of the identity that writes the data.' },
  },
};

const COLLECTOR: KeyRule = {
  is: 'either',
  about: 'Collection of model data: true for the usual collections, or settings. Default false.',
  of: [
    COLLECTOR_SWITCH,
    {
      is: 'object',
      about: 'Settings of the data collector.',
      keys: {
        collections: { is: 'map', about: 'Collections by name.', each: COLLECTION },
        sampling_rate: {
          is: 'number',
          least: 0,
          most: 1,
          about: 'Share of the requests for the collections that name none.',
        },
        rolling_rate: {
          is: 'word',
          about: 'How often a new folder begins. Default hour.',
          words: { year: 'Year', month: 'Month', day: 'Day', hour: 'Hour', minute: 'Minute' },
        },
        request_logging: {
          is: 'object',
          about: 'What is logged of a request beside its body.',
          keys: {
            capture_headers: {
              is: 'list',
              about: 'Names of request headers.',
              to: '/collectModelData/captureHeaders',
              each: { is: 'text', about: 'Name of a header.' },
            },
          },
        },
      },
    },
  ],
  to: 'collectModelData',
};

const SECONDS = { is: 'number', factor: 1000 } as const;

const PROBE: Keys = {
  failure_threshold: {
    is: 'number',
    isWhole: true,
    least: 1,
    about: 'Failures in a row after which it is unhealthy. Default 30.',
  },
  success_threshold: {
    is: 'number',
    isWhole: true,
    least: 1,
    about: 'Successes in a row after which it is healthy. Default 1.',
  },
  timeout: { ...SECONDS, least: 0.001, about: 'Longest wait for an answer, in seconds. Default 5.', to: 'timeoutMs' },
  period: { ...SECONDS, least: 0.001, about: 'Wait between two questions, in seconds. Default 10.', to: 'periodMs' },
  initial_delay: {
    ...SECONDS,
    least: 0,
    about: 'Wait before the first question, in seconds. Default 30 for liveness, 10 for readiness.',
    to: 'initialDelayMs',
  },
};

const ACCESS = { enabled: true, disabled: false };

/** Keys of an online endpoint with one deployment, as azure-ai-ml has them for both. */
export const ONLINE_KEYS: Keys = {
  ...SHARED_KEYS,
  endpoint_name: { is: 'text', about: 'Name of the endpoint: 3 to 32 letters, digits and dashes.' },
  name: { is: 'text', about: 'Name of the deployment. Default default.', to: 'deploymentName' },
  ...AZURE_KEYS,
  ...MODEL_KEYS,
  environment: ONLINE_ENVIRONMENT,
  ...DESTINATION_KEYS,
  auth_mode: {
    is: 'word',
    about: 'How callers show who they are; cannot be changed later. Default key.',
    words: { key: 'Key', aml_token: 'AMLToken', aad_token: 'AADToken' },
  },
  instance_type: { is: 'text', about: 'Size of the machines, for example Standard_DS3_v2; cannot be changed later.' },
  instance_count: { is: 'number', isWhole: true, least: 1, about: 'Number of instances. Default 1.' },
  traffic: {
    is: 'either',
    about: 'Share of the traffic in percent for this deployment, or the shares of all deployments.',
    of: [
      { is: 'number', least: 0, most: 100, about: 'Share for this deployment.', to: '/trafficPercentile' },
      {
        is: 'map',
        about: 'Shares by the name of the deployment; they sum to 100.',
        each: { is: 'number', isWhole: true, least: 0, most: 100, about: 'Share in percent.' },
      },
    ],
  },
  data_collector: COLLECTOR,
  request_settings: {
    is: 'object',
    about: 'How requests are taken.',
    keys: {
      max_concurrent_requests_per_instance: {
        is: 'number',
        isWhole: true,
        least: 1,
        about: 'Requests that one instance works on at a time. Default 8.',
      },
      request_timeout_ms: {
        is: 'number',
        isWhole: true,
        least: 1,
        about: 'Longest time for one request. Default 60000.',
      },
      max_queue_wait_ms: { is: 'number', isWhole: true, least: 0, about: 'Longest wait of a request. Default 500.' },
    },
  },
  liveness_probe: { is: 'object', about: 'Whether an instance lives.', keys: PROBE },
  readiness_probe: { is: 'object', about: 'Whether an instance may get requests.', keys: PROBE },
  scale_settings: {
    is: 'object',
    about: 'How the number of instances is chosen.',
    needs: ['type'],
    keys: {
      type: {
        is: 'word',
        about: 'default: as many as instance_count says. target_utilization (Kubernetes): by load.',
        to: 'scaleType',
        words: { default: 'Default', target_utilization: 'TargetUtilization' },
      },
      min_instances: { is: 'number', isWhole: true, least: 0, about: 'Fewest instances. Default 1.' },
      max_instances: { is: 'number', isWhole: true, least: 1, about: 'Most instances. Default 1.' },
      target_utilization_percentage: {
        is: 'number',
        isWhole: true,
        least: 1,
        most: 100,
        about: 'Load that is aimed at. Default 70.',
      },
      polling_interval: {
        ...SECONDS,
        least: 1,
        about: 'Seconds between two looks at the load. Default 1.',
        to: 'pollingIntervalMs',
      },
    },
  },
  public_network_access: {
    is: 'word',
    about: 'Whether callers reach the endpoint from the internet. Default enabled.',
    to: 'enablePublicNetworkAccess',
    words: ACCESS,
  },
  egress_public_network_access: {
    is: 'word',
    about: 'Whether the script reaches the internet. Default enabled.',
    to: 'enableEgressPublicNetworkAccess',
    words: ACCESS,
  },
  compute: { ...COMPUTE, about: 'Kubernetes: name of the attached cluster, with or without azureml: in front.' },
  resources: {
    is: 'object',
    about: 'Kubernetes: what an instance gets of a machine.',
    keys: {
      requests: {
        is: 'object',
        about: 'What it gets.',
        keys: {
          cpu: { is: 'quantity', unit: 'cores', about: 'CPU cores, for example 0.5 or 500m.', to: '/cpuCores' },
          memory: { is: 'quantity', unit: 'GB', about: 'Memory, for example 2Gi or 512Mi.', to: '/memoryGb' },
          'nvidia.com/gpu': { is: 'number', isWhole: true, least: 0, about: 'GPUs.', to: '/gpuCores' },
        },
      },
      limits: {
        is: 'object',
        about: 'What it gets at most.',
        keys: {
          cpu: { is: 'quantity', unit: 'cores', about: 'CPU cores.', to: '/cpuCoresLimit' },
          memory: { is: 'quantity', unit: 'GB', about: 'Memory.', to: '/memoryGbLimit' },
        },
      },
    },
  },
};
