import type { KeyRule, Keys } from './key-rule.ts';
import { AZURE_KEYS, COLLECTOR_SWITCH, COMPUTE, DESTINATION_KEYS, MODEL_KEYS, SHARED_KEYS } from './shared-keys.ts';

const COUNT = { is: 'number', isWhole: true, least: 1 } as const;
const AMOUNT = { is: 'number', least: 0 } as const;

const ENVIRONMENT: KeyRule = {
  is: 'either',
  about: 'The environment as the classic service keeps it: a JSON file, or the definition itself.',
  of: [
    { is: 'path', about: 'JSON file as Environment.save_to_directory of azureml-core writes it.' },
    { is: 'any', about: 'The definition: name, version, python, docker, ...' },
  ],
};

const CLASSIC_KEYS: Keys = {
  ...SHARED_KEYS,
  ...AZURE_KEYS,
  ...MODEL_KEYS,
  environment: ENVIRONMENT,
  data_collector: COLLECTOR_SWITCH,
  cpu_cores: { ...AMOUNT, about: 'CPU cores of a replica; may be a fraction. Default 0.1.' },
  memory_gb: { ...AMOUNT, about: 'Memory of a replica in GB; may be a fraction. Default 0.5.' },
};

/** Keys of AKS under the names of azureml-core, where azure-ai-ml has none. */
const AKS_ONLY: Keys = {
  compute: COMPUTE,
  auth_enabled: { is: 'flag', about: 'Asks callers for a key. Default true.' },
  token_auth_enabled: { is: 'flag', about: 'Asks callers for a token; needs auth_enabled: false. Default false.' },
  cpu_cores_limit: { ...AMOUNT, about: 'Most CPU cores of a replica.' },
  memory_gb_limit: { ...AMOUNT, about: 'Most memory of a replica in GB.' },
  gpu_cores: { is: 'number', isWhole: true, least: 0, about: 'GPUs of a replica. Default 0.' },
  num_replicas: { ...COUNT, about: 'Number of replicas without autoscaling.' },
  autoscale_enabled: { is: 'flag', about: 'Lets the number of replicas follow the load.' },
  autoscale_min_replicas: { ...COUNT, about: 'Fewest replicas; needs autoscale_enabled. Default 1.' },
  autoscale_max_replicas: { ...COUNT, about: 'Most replicas; needs autoscale_enabled. Default 10.' },
  autoscale_refresh_seconds: { ...COUNT, about: 'Seconds between two looks at the load. Default 1.' },
  autoscale_target_utilization: { ...COUNT, most: 100, about: 'Load that is aimed at, in percent. Default 70.' },
  scoring_timeout_ms: { ...COUNT, about: 'Longest time for one call. Default 60000.' },
  replica_max_concurrent_requests: { ...COUNT, about: 'Most calls that one replica works on at a time. Default 1.' },
  max_request_wait_time: { ...COUNT, about: 'Longest wait of a call in the queue, in milliseconds. Default 500.' },
  period_seconds: { ...COUNT, about: 'Liveness probe: seconds between two probes. Default 10.' },
  initial_delay_seconds: { ...COUNT, about: 'Liveness probe: seconds before the first one. Default 310.' },
  timeout_seconds: { ...COUNT, about: 'Liveness probe: seconds that an answer may take. Default 1.' },
  success_threshold: { ...COUNT, about: 'Liveness probe: successes after which a replica is alive again. Default 1.' },
  failure_threshold: { ...COUNT, about: 'Liveness probe: failures after which a replica is started anew. Default 3.' },
  namespace: { is: 'text', about: 'Kubernetes namespace.' },
};

const SERVICE_NAME: KeyRule = {
  is: 'text',
  about: 'Name of the service: 3 to 32 lower-case letters, digits and dashes.',
};

/** Keys of a classic service on AKS. */
export const AKS_KEYS: Keys = {
  ...CLASSIC_KEYS,
  name: SERVICE_NAME,
  ...AKS_ONLY,
  blobfuse_enabled: { is: 'flag', about: "Mounts the workspace's storage with blobfuse. Default true." },
};

/** Keys of a classic endpoint on AKS with one version. */
export const AKS_ENDPOINT_KEYS: Keys = {
  ...CLASSIC_KEYS,
  endpoint_name: { ...SERVICE_NAME, about: 'Name of the endpoint: 3 to 32 lower-case letters, digits and dashes.' },
  name: { is: 'text', about: 'Name of the version. Default: the name of the endpoint.', to: 'versionName' },
  ...AKS_ONLY,
  traffic: { is: 'number', least: 0, most: 100, about: 'Share of the traffic in percent.', to: 'trafficPercentile' },
};

/** Keys of a classic service in a container instance. */
export const ACI_KEYS: Keys = {
  ...CLASSIC_KEYS,
  name: SERVICE_NAME,
  auth_enabled: { is: 'flag', about: 'Asks callers for a key. Default false.' },
  location: { is: 'text', about: "Azure region. Default: the workspace's." },
  dns_name_label: { is: 'text', about: 'First part of the host name.' },
  ssl_enabled: { is: 'flag', about: 'Serves over TLS; needs the three other ssl keys. Default false.' },
  ssl_cert_pem_file: { is: 'path', about: 'The certificate, a PEM file.' },
  ssl_key_pem_file: { is: 'path', about: "The certificate's private key, a PEM file." },
  ssl_cname: { is: 'text', about: 'Host name that the certificate is for.' },
  cmk_vault_base_url: {
    is: 'text',
    about: 'Key vault of a key of your own for encryption; all three cmk keys or none.',
  },
  cmk_key_name: { is: 'text', about: 'Name of that key.' },
  cmk_key_version: { is: 'text', about: 'Version of that key.' },
  vnet_name: { is: 'text', about: 'Virtual network to run in; together with subnet_name.' },
  subnet_name: { is: 'text', about: 'Subnet of the virtual network.' },
};

/** Keys of a service on this machine. */
export const LOCAL_KEYS: Keys = {
  ...SHARED_KEYS,
  name: SERVICE_NAME,
  ...MODEL_KEYS,
  ...DESTINATION_KEYS,
  data_collector: COLLECTOR_SWITCH,
  port: { is: 'number', isWhole: true, least: 0, most: 65_535, about: 'Port to listen on. Default: any free one.' },
  directory: {
    is: 'path',
    about: 'Folder that holds a folder for each service. Default azureml-local in the current folder.',
  },
};
