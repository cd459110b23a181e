import { inspect } from 'node:util';
import type { DeploymentConfigurationError } from '../../src/errors.ts';
import { OnlineDeploymentConfiguration } from '../../src/online/deployment-configuration.ts';
import { Webservice } from '../../src/webservice/webservice.ts';

function pathsOf(options: unknown): string[] {
  try {
    new OnlineDeploymentConfiguration(options as object);
    return [];
  } catch (error) {
    return (error as DeploymentConfigurationError).faults.map(({ path }) => path);
  }
}

describe('the deployment configuration of an OnlineEndpoint', () => {
  it('takes every setting of a managed endpoint, and keeps exactly those', () => {
    const all = {
      deploymentName: 'blue',
      instanceType: 'Standard_DS3_v2',
      instanceCount: 2,
      trafficPercentile: 100,
      authMode: 'Key',
      primaryKey: 'first',
      secondaryKey: 'second',
      enableAppInsights: true,
      collectModelData: { collections: { model_inputs: { samplingRate: 0.5 } }, rollingRate: 'Hour' },
      storage: 'https://account.blob.core.windows.net',
      environmentVariables: { MODE: 'fast' },
      requestSettings: { maxConcurrentRequestsPerInstance: 2 },
      livenessProbe: { periodMs: 1_000 },
      readinessProbe: { failureThreshold: 3 },
      enablePublicNetworkAccess: false,
      enableEgressPublicNetworkAccess: false,
      tags: { team: 'a' },
      properties: { p: '1' },
      description: '',
    } as const;

    expect(new OnlineDeploymentConfiguration(all).settings).toEqual(all);
    expect(new OnlineDeploymentConfiguration({ collectModelData: true }).collectModelData).toBe(true);
    expect('collectModelData' in new OnlineDeploymentConfiguration()).toBe(false);
  });

  it('lists all faults at once, those of the settings of update among them', () => {
    expect(
      pathsOf({
        deploymentName: 'x',
        authMode: 'Token',
        instance_type: 'x',
        instanceCount: 0,
        enableAppInsights: 'yes',
        collectModelData: { collections: { inputs: { samplingRate: 2 } } },
        requestSettings: { requestTimeoutMs: -1 },
        environmentVariables: { AML_APP_INSIGHTS_ENABLED: 'true' },
        secondaryKey: 's',
      }),
    ).toEqual([
      'deploymentName',
      'authMode',
      'instance_type',
      'enableAppInsights',
      'collectModelData.collections.inputs.samplingRate',
      'environmentVariables.AML_APP_INSIGHTS_ENABLED',
      'requestSettings.requestTimeoutMs',
      'instanceCount',
      'secondaryKey',
    ]);
  });

  it('tells Kubernetes from managed machines by the compute target', () => {
    const kubernetes = {
      cpuCores: 1,
      cpuCoresLimit: 2,
      memoryGb: 1,
      scaleSettings: { scaleType: 'TargetUtilization' },
    };
    expect(pathsOf({ ...kubernetes, computeTargetName: 'kube1' })).toEqual([]);
    expect(pathsOf(kubernetes)).toEqual(['cpuCores', 'cpuCoresLimit', 'memoryGb', 'scaleSettings.scaleType']);
    expect(pathsOf({ ...kubernetes, computeTargetName: 'kube1', cpuCoresLimit: 0.5, instanceCount: 2 })).toEqual([
      'cpuCoresLimit',
      'instanceCount',
    ]);
  });

  it('has keys for key authentication only', () => {
    expect(pathsOf({ primaryKey: 'p', authMode: 'AADToken' })).toEqual(['primaryKey']);
    expect(pathsOf({ primaryKey: 'p' })).toEqual([]);
  });

  it('masks what may be secret when it is shown', () => {
    const config = new OnlineDeploymentConfiguration({
      primaryKey: 'the-secret',
      environmentVariables: { PASSWORD: 'the-secret' },
      appInsightsConnectionString: 'InstrumentationKey=the-secret',
      tags: { a: 'b' },
    });

    expect(
      [config, config.settings].map((shown) => inspect(shown, { depth: 9 }) + JSON.stringify(shown)).join(),
    ).not.toContain('the-secret');
    expect(inspect(config)).toContain("tags: { a: 'b' }");
    expect(config.environmentVariables).toEqual({ PASSWORD: 'the-secret' });
  });
});

it('is what the base class makes as well', () => {
  const config = Webservice.deployConfiguration({ enableAppInsights: true, collectModelData: true });
  expect(config).toBeInstanceOf(OnlineDeploymentConfiguration);
  expect(config.kind).toBe('OnlineEndpoint');
  expect(() => Webservice.deployConfiguration({ instanceCount: -1 })).toThrow('instanceCount');
});
