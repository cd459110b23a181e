import { serviceNameFault } from '../../../src/classic/configuration/rules.ts';
import { aciUpdateFaults, aksUpdateFaults } from '../../../src/classic/configuration/update-faults.ts';

const KEYS = { authEnabled: true, tokenAuthEnabled: false, autoscaleEnabled: false, cpuCores: 0.1, memoryGb: 0.5 };
const TOKENS = { authEnabled: false, tokenAuthEnabled: true };
const aks = (changes: object, current: object = KEYS) => aksUpdateFaults(changes, current).map(({ path }) => path);

describe('what an update of an AKS service may change', () => {
  it('refuses 0 where it makes no sense, instead of leaving it out', () => {
    expect(aks({ cpuCores: 0, numReplicas: 0, gpuCores: 0 })).toEqual(['cpuCores', 'numReplicas']);
  });

  it('compares limits with what the service has now, unless both change', () => {
    expect(aks({ cpuCoresLimit: 0.05 })).toEqual(['cpuCoresLimit']);
    expect(aks({ cpuCoresLimit: 0.05, cpuCores: 0.05 })).toEqual([]);
    expect(aks({ memoryGb: 3 }, { memoryGbLimit: 2 })).toEqual(['memoryGb']);
    expect(aks({ memoryGb: 3, memoryGbLimit: 3 }, { memoryGbLimit: 2 })).toEqual([]);
    expect(aks({ memoryGb: 3 }, {})).toEqual([]);
  });

  it('takes the numbers of autoscaling when the service scales by itself already', () => {
    expect(aks({ autoscaleMinReplicas: 2 })).toEqual(['autoscaleMinReplicas']);
    expect(aks({ autoscaleMinReplicas: 2 }, { autoscaleEnabled: true })).toEqual([]);
    expect(
      aks({ autoscaleMinReplicas: 2, autoscaleEnabled: false, numReplicas: 1 }, { autoscaleEnabled: true }),
    ).toEqual(['autoscaleMinReplicas']);
  });

  it('switches between keys and tokens only when the other is switched off along with it', () => {
    expect(aks({ tokenAuthEnabled: true })).toEqual(['tokenAuthEnabled']);
    expect(aks({ tokenAuthEnabled: true, authEnabled: true })).toEqual(['tokenAuthEnabled']);
    expect(aks({ tokenAuthEnabled: true, authEnabled: false })).toEqual([]);
    expect(aks({ authEnabled: true }, TOKENS)).toEqual(['authEnabled']);
    expect(aks({ authEnabled: true, tokenAuthEnabled: false }, TOKENS)).toEqual([]);
  });

  it('takes null for what can be cleared only', () => {
    expect(aks({ description: null })).toEqual([]);
    expect(aks({ tags: null, cpuCores: null, enableAppInsights: null, namespace: undefined })).toEqual([
      'tags',
      'cpuCores',
      'enableAppInsights',
    ]);
  });

  it('leaves settings that it does not know to the caller', () => {
    expect(aks({ instanceType: 'x' })).toEqual([]);
  });
});

describe('what an update of an ACI service may change', () => {
  it('wants TLS to be on, or to be switched on, for a certificate, and the files to be there', () => {
    const files = { sslCertPemFile: process.execPath, sslKeyPemFile: '/nope' };

    expect(aciUpdateFaults(files, {}).map(({ path }) => path)).toEqual([
      'sslCertPemFile',
      'sslKeyPemFile',
      'sslKeyPemFile',
    ]);
    expect(aciUpdateFaults(files, { sslEnabled: true }).map(({ path }) => path)).toEqual(['sslKeyPemFile']);
    expect(aciUpdateFaults({ ...files, sslEnabled: false }, { sslEnabled: true })).toHaveLength(3);
  });
});

describe('names', () => {
  it.each(['abc', 'a--b', 'a'.repeat(32), 'a-9'])('takes the service name %p', (name) => {
    expect(serviceNameFault(name)).toBeUndefined();
  });

  it.each(['ab', 'a'.repeat(33), '9ab', 'ab-', 'aBc', 'a_b', 'abc\n', '', null, 7])(
    'refuses the service name %p',
    (name) => {
      expect(serviceNameFault(name)).toContain('3 to 32');
    },
  );
});
