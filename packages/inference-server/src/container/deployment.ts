import type { CheckedContainerOptions } from './container-options.ts';
import { toYaml, type YamlValue } from './yaml.ts';

const SCHEMAS = 'https://azuremlschemas.azureedge.net/latest';

const HEADER =
  '# Written by writeContainerFiles of @azureml-ts/inference-server: change its options rather than this file.\n';

/** The managed online endpoint, for `az ml online-endpoint create -f endpoint.yml`. */
export function endpointYaml({ endpointName }: CheckedContainerOptions): string {
  return (
    HEADER +
    toYaml({
      $schema: `${SCHEMAS}/managedOnlineEndpoint.schema.json`,
      name: endpointName,
      auth_mode: 'key',
    })
  );
}

/**
 * The deployment, for `az ml online-deployment create -f deployment.yml`.
 *
 * Source: the schema `managedOnlineDeployment` of azure-ai-ml 1.35.2.
 */
export function deploymentYaml(options: CheckedContainerOptions): string {
  const { endpointName, deploymentName, registeredModel, image, port, enableAppInsights } = options;
  const route = (path: string): YamlValue => ({ port, path });
  const probe = { period: 10, timeout: 5, failure_threshold: 30 };
  const environment: Record<string, string> = {
    ...(enableAppInsights ? { AML_APP_INSIGHTS_ENABLED: 'true' } : {}),
    ...options.environment,
  };
  return (
    HEADER +
    toYaml({
      $schema: `${SCHEMAS}/managedOnlineDeployment.schema.json`,
      name: deploymentName,
      endpoint_name: endpointName,
      ...(registeredModel === undefined ? {} : { model: registeredModel }),
      environment: {
        name: endpointName,
        ...(image === undefined ? { build: { path: '.', dockerfile_path: 'Dockerfile' } } : { image }),
        inference_config: {
          liveness_route: route('/'),
          readiness_route: route('/ready'),
          scoring_route: route('/score'),
        },
      },
      ...(Object.keys(environment).length === 0 ? {} : { environment_variables: environment }),
      app_insights_enabled: enableAppInsights,
      instance_type: options.instanceType,
      instance_count: options.instanceCount,
      request_settings: {
        request_timeout_ms: options.requestTimeoutMs,
        max_concurrent_requests_per_instance: options.maxConcurrentRequests,
      },
      liveness_probe: { initial_delay: 30, ...probe },
      readiness_probe: { initial_delay: 10, ...probe },
    })
  );
}
