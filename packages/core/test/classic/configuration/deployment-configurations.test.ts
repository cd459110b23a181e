import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { AciDeploymentConfiguration } from '../../../src/classic/configuration/aci-deployment-configuration.ts';
import {
  AksDeploymentConfiguration,
  AksEndpointDeploymentConfiguration,
} from '../../../src/classic/configuration/aks-deployment-configuration.ts';
import { DeploymentConfigurationError, type DeploymentFault } from '../../../src/errors.ts';

type Configuration = new (options: object) => object;

function faultsOf(make: Configuration, options: unknown): readonly DeploymentFault[] {
  try {
    new make(options as object);
    return [];
  } catch (error) {
    if (error instanceof DeploymentConfigurationError) {
      return error.faults;
    }
    throw error;
  }
}

const pathsOf = (make: Configuration, options: unknown) => faultsOf(make, options).map(({ path }) => path);

const KINDS: readonly [string, Configuration][] = [
  ['AksWebservice', AksDeploymentConfiguration],
  ['AksEndpoint', AksEndpointDeploymentConfiguration],
  ['AciWebservice', AciDeploymentConfiguration],
];

describe.each(KINDS)('the deployment configuration of an %s', (kind, Kind) => {
  it('leaves what was not given to the service, and says nothing for it', () => {
    const config = new Kind({ enableAppInsights: false, collectModelData: undefined, cpuCores: null });

    expect(config).toMatchObject({ kind, settings: { enableAppInsights: false } });
    expect(Object.keys((config as { settings: object }).settings)).toEqual(['enableAppInsights']);
    expect('collectModelData' in config).toBe(false);
    expect(JSON.parse(JSON.stringify(new Kind({})))).toEqual({ kind });
  });

  it('masks keys when it is shown, and gives them when it is asked', () => {
    const config = new Kind({ primaryKey: 'first-secret', secondaryKey: 'second-secret', description: 'd' });

    const printed = [
      inspect(config),
      inspect([config], { depth: 5 }),
      JSON.stringify(config),
      `${Object.values(config)}`,
    ];
    expect(printed.join()).not.toContain('secret');
    expect(printed[0]).toContain("description: 'd'");
    expect(printed[0]).toContain('[redacted]');
    expect(config).toHaveProperty('primaryKey', 'first-secret');
  });

  it('never tells a key that is wrong', () => {
    const faults = faultsOf(Kind, { primaryKey: ['first-secret'], secondaryKey: 17_171_717 });

    expect(faults.map(({ path }) => path)).toEqual(['primaryKey', 'secondaryKey']);
    expect(JSON.stringify(faults)).not.toMatch(/first-secret|17171717/);
  });

  it('refuses a second key without a first, which the service would ignore', () => {
    expect(pathsOf(Kind, { secondaryKey: 's' })).toEqual(['secondaryKey']);
  });

  it('refuses settings that it lacks, naming the one that was probably meant', () => {
    const faults = faultsOf(Kind, { enable_app_insights: true, appInsightEnabled: true, zzz: 1, tag: {} });

    expect(faults.map(({ path }) => path)).toEqual(['enable_app_insights', 'appInsightEnabled', 'zzz', 'tag']);
    expect(faults[0]?.message).toBe(`is not a setting of ${kind}; did you mean enableAppInsights?`);
    expect(faults[2]?.message).toContain('it has ');
    expect(faults[3]?.message).toContain('did you mean tags?');
  });

  it('cannot be changed from outside once it is made', () => {
    const tags = { team: 'a' };
    const config = new Kind({ tags }) as { tags: Record<string, string>; settings: { tags: object } };
    tags.team = 'b';

    expect(config.tags).toEqual({ team: 'a' });
    expect(() => Object.assign(config.tags, { team: 'c' })).toThrow(TypeError);
    expect(() => Object.assign(config.settings, { tags: {} })).toThrow(TypeError);
  });

  it.each([[[]], ['text'], [7], [true]])('refuses %p in place of options', (options) => {
    expect(pathsOf(Kind, options)).toEqual(['options']);
  });

  it('either refuses any options with reasons, or keeps exactly what was given', () => {
    const value = fc.oneof(fc.jsonValue(), fc.double(), fc.constant(undefined));
    const names = [
      'cpuCores',
      'tags',
      'authEnabled',
      'description',
      'numReplicas',
      'collectModelData',
      'vnetName',
      'x',
    ];
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), value), (options) => {
        const faults = faultsOf(Kind, options);
        if (faults.length === 0) {
          const given = Object.entries(options).filter(([, item]) => item !== undefined && item !== null);
          expect((new Kind(options) as { settings: object }).settings).toEqual(Object.fromEntries(given));
        } else {
          for (const { path, message } of faults) {
            expect(path).not.toBe('');
            expect(message.length).toBeGreaterThan(10);
          }
        }
      }),
    );
  });
});

describe('the deployment configuration of an AksWebservice', () => {
  const paths = (options: object) => pathsOf(AksDeploymentConfiguration, options);
  const POSITIVE = ['cpuCores', 'memoryGb', 'cpuCoresLimit', 'memoryGbLimit'];
  const WHOLE = [
    ...['scoringTimeoutMs', 'replicaMaxConcurrentRequests', 'maxRequestWaitTime', 'numReplicas', 'periodSeconds'],
    ...['initialDelaySeconds', 'timeoutSeconds', 'successThreshold', 'failureThreshold'],
  ];

  it.each([...POSITIVE, ...WHOLE])('wants %s greater than 0', (name) => {
    for (const wrong of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, '1', true]) {
      expect(paths({ [name]: wrong })).toEqual([name]);
    }
    expect(paths({ [name]: 1 })).toEqual([]);
  });

  it('wants whole numbers where a half makes no sense, and takes parts of cores and of memory', () => {
    expect(paths(Object.fromEntries(WHOLE.map((name) => [name, 1.5])))).toEqual(WHOLE);
    expect(paths({ cpuCores: 0.1, cpuCoresLimit: 0.25, memoryGb: 0.5, memoryGbLimit: 0.5 })).toEqual([]);
    expect([paths({ gpuCores: 0 }), paths({ gpuCores: -1 }), paths({ gpuCores: 0.5 })]).toEqual([
      [],
      ['gpuCores'],
      ['gpuCores'],
    ]);
  });

  it('lists all faults at once: each setting by itself, then how they fit together', () => {
    expect(
      paths({
        cpuCores: 2,
        cpuCoresLimit: 1,
        memoryGb: -1,
        namespace: 'Bad_NS',
        autoscaleEnabled: false,
        autoscaleMinReplicas: 3,
        autoscaleMaxReplicas: 2,
        authEnabled: true,
        tokenAuthEnabled: true,
      }),
    ).toEqual([
      'memoryGb',
      'namespace',
      'cpuCoresLimit',
      'numReplicas',
      'autoscaleMinReplicas',
      'autoscaleMaxReplicas',
      'autoscaleMinReplicas',
      'tokenAuthEnabled',
    ]);
  });

  it('knows what goes with autoscaling', () => {
    const numbers = { autoscaleMinReplicas: 1, autoscaleMaxReplicas: 4, autoscaleRefreshSeconds: 2 };
    expect(paths({ autoscaleEnabled: true, autoscaleTargetUtilization: 70, ...numbers })).toEqual([]);
    expect(paths({ autoscaleEnabled: true, numReplicas: 1 })).toEqual(['numReplicas']);
    expect(paths({ autoscaleEnabled: false })).toEqual(['numReplicas']);
    expect(paths({ autoscaleEnabled: false, numReplicas: 1 })).toEqual([]);
    expect(paths(numbers)).toEqual(Object.keys(numbers));
    expect(paths({ autoscaleMinReplicas: 0 })).toEqual(['autoscaleMinReplicas', 'autoscaleMinReplicas']);
  });

  it.each([
    [100, []],
    [101, ['autoscaleTargetUtilization']],
    [0, ['autoscaleTargetUtilization']],
  ])('takes a target utilization of %p percent: %p', (autoscaleTargetUtilization, expected) => {
    expect(paths({ autoscaleEnabled: true, autoscaleTargetUtilization })).toEqual(expected);
  });

  it('lets callers use keys or tokens, not both, and knows that keys are the default', () => {
    expect(paths({ tokenAuthEnabled: true })).toEqual(['tokenAuthEnabled']);
    expect(paths({ tokenAuthEnabled: true, authEnabled: true })).toEqual(['tokenAuthEnabled']);
    expect(paths({ tokenAuthEnabled: true, authEnabled: false })).toEqual([]);
    expect(paths({ tokenAuthEnabled: false, authEnabled: true })).toEqual([]);
  });

  it.each([
    ['9', true],
    ['a'.repeat(63), true],
    ['a'.repeat(64), false],
    ['a-', false],
    ['ns\n', false],
  ])('takes the namespace %p: %p', (namespace, isRight) => {
    expect(paths({ namespace })).toEqual(isRight ? [] : ['namespace']);
  });

  it('takes every setting together', () => {
    const all = {
      autoscaleEnabled: true,
      autoscaleMinReplicas: 1,
      autoscaleMaxReplicas: 4,
      autoscaleRefreshSeconds: 2,
      autoscaleTargetUtilization: 70,
      collectModelData: true,
      authEnabled: false,
      cpuCores: 0.5,
      memoryGb: 1.5,
      enableAppInsights: true,
      scoringTimeoutMs: 1000,
      replicaMaxConcurrentRequests: 3,
      maxRequestWaitTime: 10,
      primaryKey: 'p',
      secondaryKey: 's',
      tags: { t: '1' },
      properties: { p: '1' },
      description: '',
      gpuCores: 1,
      periodSeconds: 1,
      initialDelaySeconds: 2,
      timeoutSeconds: 3,
      successThreshold: 4,
      failureThreshold: 5,
      namespace: 'ns',
      tokenAuthEnabled: true,
      computeTargetName: 'aks9',
      cpuCoresLimit: 1,
      memoryGbLimit: 2,
      blobfuseEnabled: false,
    };
    expect(new AksDeploymentConfiguration(all).settings).toEqual(all);
  });
});

describe('the deployment configuration of an AksEndpoint', () => {
  const paths = (options: object) => pathsOf(AksEndpointDeploymentConfiguration, options);

  it('has a version with a share of the traffic, and no blobfuse', () => {
    expect(paths({ versionName: 'blue', trafficPercentile: 0 })).toEqual([]);
    expect(paths({ versionName: 'Blue', trafficPercentile: 101, blobfuseEnabled: true })).toEqual([
      'versionName',
      'trafficPercentile',
      'blobfuseEnabled',
    ]);
    expect(paths({ trafficPercentile: -1 })).toEqual(['trafficPercentile']);
  });
});

describe('the deployment configuration of an AciWebservice', () => {
  const paths = (options: object) => pathsOf(AciDeploymentConfiguration, options);
  let folder: string;
  let file: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'aci-configuration-'));
    file = join(folder, 'c.pem');
    await writeFile(file, 'PEM');
  });

  afterAll(() => rm(folder, { recursive: true }));

  it('wants certificate, key and host name for TLS, and the files to be there', () => {
    expect(paths({ sslEnabled: true })).toEqual(['sslCertPemFile', 'sslKeyPemFile', 'sslCname']);
    expect(paths({ sslEnabled: true, sslCertPemFile: '/nope', sslKeyPemFile: folder, sslCname: 'c' })).toEqual([
      'sslCertPemFile',
      'sslKeyPemFile',
    ]);
    const config = new AciDeploymentConfiguration({
      sslEnabled: true,
      sslCertPemFile: file,
      sslKeyPemFile: file,
      sslCname: 'www.example.com',
    });
    expect(config.sslKeyPemFile).toBe(file);
    expect(inspect(config) + JSON.stringify(config)).not.toContain(file);
  });

  it('takes the text of a PEM file for no path, and does not repeat it', () => {
    const text = '-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n';
    const faults = faultsOf(AciDeploymentConfiguration, { sslKeyPemFile: text });

    expect(faults.map(({ path }) => path)).toEqual(['sslKeyPemFile']);
    expect(JSON.stringify(faults)).not.toContain('MIIE');
  });

  it('wants all three parts of an encryption key, and both of a network, or none', () => {
    expect(paths({ cmkKeyName: 'k' })).toEqual(['cmkVaultBaseUrl', 'cmkKeyVersion']);
    expect(paths({ vnetName: 'v' })).toEqual(['subnetName']);
    expect(paths({ subnetName: 's', vnetName: '' })).toEqual(['vnetName']);
    expect(paths({ vnetName: '', subnetName: '' })).toEqual([]);
    expect(paths({ cmkVaultBaseUrl: 'https://v', cmkKeyName: 'k', cmkKeyVersion: '1' })).toEqual([]);
  });

  it('takes the settings of every other kind for none of its own', () => {
    expect(paths({ numReplicas: 1, gpuCores: 1, namespace: 'n' })).toEqual(['numReplicas', 'gpuCores', 'namespace']);
  });
});
