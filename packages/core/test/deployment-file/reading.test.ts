import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { isAzuremlError } from '@azureml-ts/common';
import {
  type AciDeploymentConfiguration,
  type AksDeploymentConfiguration,
  DeploymentConfigurationError,
  type DeploymentFileError,
  Model,
  type OnlineDeploymentConfiguration,
  readDeploymentFile,
} from '../../src/index.ts';
import { fileFolder } from './support.ts';

let here: Awaited<ReturnType<typeof fileFolder>>;
beforeEach(async () => {
  here = await fileFolder();
});
afterEach(() => here.remove());

const ONLINE = `
$schema: https://example.invalid/deployment.schema.json
endpoint_name: diabetes
name: blue
description: predicts # a comment
auth_mode: aml_token
model: azureml:best_model:10
code_configuration:
  code: src
  scoring_script: score.mjs
instance_type: Standard_DS3_v2
instance_count: 2
app_insights_enabled: true
data_collector:
  sampling_rate: 0.5
  rolling_rate: day
  collections:
    model_inputs: { enabled: 'True' }
    request: { enabled: false, sampling_rate: 1 }
  request_logging: { capture_headers: [x-trace] }
environment_variables: { A: text, B: 2, C: 1.10, D: true }
request_settings: { request_timeout_ms: 3000, max_concurrent_requests_per_instance: 4 }
liveness_probe: { period: 5, timeout: 1.5, initial_delay: 30, failure_threshold: 3 }
scale_settings: { type: default }
traffic: 20
tags: { team: risk, release: 1.0 }
public_network_access: disabled
egress_public_network_access: enabled
`;

describe('reading a deployment file', () => {
  it('reads the keys of azure-ai-ml for an online endpoint and its deployment', async () => {
    const { type, options } = await here.read(ONLINE);
    expect(type).toBe('online');
    expect(options).toMatchObject({ name: 'diabetes', models: [{ id: 'best_model:10' }] });
    expect(options.inferenceConfig).toMatchObject({
      entryScript: 'score.mjs',
      sourceDirectory: join(here.folder, 'src'),
    });
    const { settings } = options.deploymentConfig as OnlineDeploymentConfiguration;
    expect(settings).toEqual({
      deploymentName: 'blue',
      description: 'predicts',
      authMode: 'AMLToken',
      instanceType: 'Standard_DS3_v2',
      instanceCount: 2,
      enableAppInsights: true,
      collectModelData: {
        collections: {
          model_inputs: { enabled: true, samplingRate: 0.5 },
          request: { enabled: false, samplingRate: 1 },
        },
        rollingRate: 'Day',
        captureHeaders: ['x-trace'],
      },
      environmentVariables: { A: 'text', B: '2', C: '1.10', D: 'true' },
      requestSettings: { requestTimeoutMs: 3000, maxConcurrentRequestsPerInstance: 4 },
      livenessProbe: { periodMs: 5000, timeoutMs: 1500, initialDelayMs: 30_000, failureThreshold: 3 },
      scaleSettings: { scaleType: 'Default' },
      trafficPercentile: 20,
      tags: { team: 'risk', release: '1.0' },
      enablePublicNetworkAccess: false,
      enableEgressPublicNetworkAccess: true,
    });
  });

  it('reads Kubernetes: the cluster, amounts and scaling by load', async () => {
    const { options } = await here.read(`
endpoint_name: diabetes
code_configuration: { scoring_script: src/score.mjs }
compute: azureml:cluster1
resources:
  requests: { cpu: 500m, memory: 512Mi, nvidia.com/gpu: 1 }
  limits: { cpu: '2', memory: 2Gi }
scale_settings: { type: target_utilization, min_instances: 1, max_instances: 3, polling_interval: 10, target_utilization_percentage: 80 }
`);
    expect(options.inferenceConfig).toMatchObject({ entryScript: 'src/score.mjs', sourceDirectory: here.folder });
    expect((options.deploymentConfig as OnlineDeploymentConfiguration).settings).toEqual({
      computeTargetName: 'cluster1',
      cpuCores: 0.5,
      memoryGb: 0.5,
      gpuCores: 1,
      cpuCoresLimit: 2,
      memoryGbLimit: 2,
      scaleSettings: {
        scaleType: 'TargetUtilization',
        minInstances: 1,
        maxInstances: 3,
        pollingIntervalMs: 10_000,
        targetUtilizationPercentage: 80,
      },
    });
  });

  it('reads an image of your own: by its address, from a folder with a Dockerfile, and a registered one', async () => {
    const script = 'endpoint_name: ep1\ncode_configuration: { scoring_script: /srv/score.mjs }\n';
    const image = await here.read(
      `${script}name: blue
environment:
  image: mcr.example.io/team/net:\${{ env.TAG }}
  os_type: linux
  tags: { team: risk }
  inference_config:
    liveness_route: { port: 80, path: /live }
    readiness_route: { port: 80, path: /ready }
    scoring_route: { port: 80, path: /score }
`,
      { TAG: '7' },
    );
    expect(image.options.inferenceConfig).toMatchObject({ entryScript: '/srv/score.mjs', sourceDirectory: undefined });
    expect(image.options.inferenceConfig?.environment).toMatchObject({
      name: 'azureml-ts-ep1-blue',
      version: undefined,
      image: 'mcr.example.io/team/net:7',
      tags: { team: 'risk' },
      routes: { liveness: { port: 80, path: '/live' }, scoring: { port: 80, path: '/score' } },
    });

    await writeFile(join(here.folder, 'src', 'gpu.Dockerfile'), 'FROM scratch\n');
    const build = await here.read(
      `${script}environment: { name: net, version: 3, build: { path: src, dockerfile_path: gpu.Dockerfile } }\n`,
    );
    expect(build.options.inferenceConfig?.environment).toMatchObject({
      name: 'net',
      version: '3',
      build: { directory: join(here.folder, 'src'), dockerfile: 'gpu.Dockerfile' },
      routes: { scoring: { port: 5001, path: '/score' } },
    });

    const named = await here.read(`${script}environment: azureml:net:3\n`);
    expect(named.options.inferenceConfig?.environment).toMatchObject({ name: 'net', version: '3', image: undefined });
  });

  it('reads classic services under the names of azureml-core, with an environment from a file', async () => {
    const aks = await here.read(`
type: aks
name: svc
models: [azureml:a:1, { name: b, version: 2 }]
code_configuration: { code: ., scoring_script: score.py }
environment: { name: env, version: 3, docker: { baseImage: python } }
environment_variables: { A: b }
compute: aks1
data_collector: true
autoscale_enabled: false
num_replicas: 3
scoring_timeout_ms: 2000
`);
    expect(aks.type).toBe('aks');
    expect(aks.options.models).toEqual([{ id: 'a:1' }, { id: 'b:2' }]);
    expect(aks.options.inferenceConfig?.environment).toEqual({
      name: 'env',
      version: 3,
      docker: { baseImage: 'python' },
    });
    expect(aks.options.inferenceConfig?.environmentVariables).toEqual({ A: 'b' });
    expect((aks.options.deploymentConfig as AksDeploymentConfiguration).settings).toEqual({
      computeTargetName: 'aks1',
      collectModelData: true,
      autoscaleEnabled: false,
      numReplicas: 3,
      scoringTimeoutMs: 2000,
    });
    const aci = await here.read(
      'type: aci\nname: svc\nmodel: { name: m, version: 1, framework: Onnx }\ncpu_cores: 0.5\n',
    );
    expect(aci.options.models).toEqual([{ id: 'm:1', modelFramework: 'Onnx' }]);
    expect(aci.options.inferenceConfig).toBeUndefined();
    expect((aci.options.deploymentConfig as AciDeploymentConfiguration).settings).toEqual({ cpuCores: 0.5 });
    const endpoint = await here.read(
      'type: aks_endpoint\nendpoint_name: ep1\nname: v1x\ntraffic: 30\nmodel: azureml:m:1\n',
    );
    expect(endpoint.options).toMatchObject({
      name: 'ep1',
      deploymentConfig: { kind: 'AksEndpoint', versionName: 'v1x', trafficPercentile: 30 },
    });
  });

  it('takes a path as a model that is not registered, from the folder of the file', async () => {
    const { options } = await here.read(
      'type: local\nname: svc\nmodel: model.json\ncode_configuration: { scoring_script: src/score.mjs }\nport: 5001\n',
    );
    expect(options.models?.[0]).toBeInstanceOf(Model);
    expect(options.models).toMatchObject([{ name: 'model', version: '1', path: join(here.folder, 'model.json') }]);
    expect(options.deploymentConfig).toMatchObject({ kind: 'LocalWebservice', port: 5001 });
  });

  it('puts the environment into any value, and shows secrets to nobody', async () => {
    const { options } = await here.read(
      `
endpoint_name: \${{ env.NAME }}-svc
code_configuration: { scoring_script: src/score.mjs }
instance_count: \${{ env.COUNT }}
app_insights_enabled: \${{env.ON}}
primary_key: \${{ env.KEY }}
environment_variables: { URL: "https://\${{ env.NAME }}.\${{ env.ZONE }}/" }
`,
      { NAME: 'north', COUNT: '3', ON: 'true', KEY: 'a-key-of-32-letters-or-so-0123456', ZONE: 'example' },
    );
    expect(options.name).toBe('north-svc');
    const { settings } = options.deploymentConfig as OnlineDeploymentConfiguration;
    expect(settings).toMatchObject({ instanceCount: 3, enableAppInsights: true });
    expect(settings.primaryKey).toBe('a-key-of-32-letters-or-so-0123456');
    expect(settings.environmentVariables).toEqual({ URL: 'https://north.example/' });
    expect(inspect(options, { depth: 9 }) + JSON.stringify(options)).not.toContain('a-key');
  });

  it('reads JSON, anchors and shares of the traffic for all deployments', async () => {
    const { options } = await here.read(
      '{"endpoint_name": "ep1", "name": "green", "code_configuration": {"scoring_script": "s.mjs"}, "traffic": {"blue": 90, "green": 10}}',
    );
    expect(options.traffic).toEqual({ blue: 90, green: 10 });
    const anchored = await here.read(
      'endpoint_name: ep1\ncode_configuration: { scoring_script: s.mjs }\nliveness_probe: &p { period: 3 }\nreadiness_probe: *p\n',
    );
    expect(anchored.options.deploymentConfig).toMatchObject({ readinessProbe: { periodMs: 3000 } });
  });

  it('tells what Model.deploy finds wrong with its line in the file', async () => {
    const file = await here.read(
      'endpoint_name: ep1\ncode_configuration:\n  code: src\n  scoring_script: nothing.mjs\nmodel: gone.json\n',
    );
    const error = file.located(
      new DeploymentConfigurationError('The deployment', [
        { path: 'name', message: 'one' },
        { path: 'inferenceConfig.entryScript', message: 'two' },
        { path: 'models[0].path', message: 'three' },
        { path: 'deploymentConfig.instanceType', message: 'needs computeTargetName' },
      ]),
    ) as DeploymentFileError;
    expect(error.code).toBe('DEPLOYMENT_FILE_INVALID');
    expect(error.faults.map(({ line, path, message }) => [line, path, message])).toEqual([
      [1, 'endpoint_name', 'one'],
      [4, 'code_configuration.scoring_script', 'two'],
      [5, 'model', 'three'],
      [undefined, 'instance_type', 'needs compute'],
    ]);
    const other = new Error('x');
    expect(file.located(other)).toBe(other);
  });

  it('says that there is no file', async () => {
    const error: unknown = await readDeploymentFile(join(here.folder, 'none.yml')).catch((failure: unknown) => failure);
    expect(isAzuremlError(error, 'DEPLOYMENT_FILE_NOT_FOUND')).toBe(true);
    expect(String(error)).toContain('none.yml');
    const folder: unknown = await readDeploymentFile(here.folder).catch((failure: unknown) => failure);
    expect(isAzuremlError(folder, 'DEPLOYMENT_FILE_INVALID')).toBe(true);
  });
});
