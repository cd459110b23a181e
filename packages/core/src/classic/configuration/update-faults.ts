import type { DeploymentFault } from '../../errors.ts';
import { ACI_RULES, fileFaults } from './aci-faults.ts';
import type { AciSettings } from './aci-settings.ts';
import { AKS_RULES, autoscaleFaults, limitFaults } from './aks-faults.ts';
import type { AksSettings } from './aks-settings.ts';
import { isGiven, valueFaults } from './rules.ts';

/** What an AKS service is like now; what is not known is `undefined`. */
export interface AksCurrent {
  readonly authEnabled?: boolean | undefined;
  readonly tokenAuthEnabled?: boolean | undefined;
  readonly autoscaleEnabled?: boolean | undefined;
  readonly cpuCores?: number | undefined;
  readonly cpuCoresLimit?: number | undefined;
  readonly memoryGb?: number | undefined;
  readonly memoryGbLimit?: number | undefined;
}

/** Names of the settings that an update of an AKS service can change. */
export const AKS_UPDATE_NAMES = Object.keys(AKS_RULES) as readonly (keyof AksSettings)[];

/** Names of the settings that an update of an ACI service can change. */
export const ACI_UPDATE_NAMES = Object.keys(ACI_RULES) as readonly (keyof AciSettings)[];

/**
 * Checks what is to be changed on an AKS service. Settings that the kind lacks are for the caller to refuse.
 *
 * Source: `AksWebservice.update` of azureml-core. Different on purpose: 0 is refused where it makes no sense instead of
 * being left out, and numbers of autoscaling are taken when the service scales by itself already.
 *
 * @param changes The changes as the caller gave them; values may be anything. `undefined` is left alone; `null` is taken
 *   for `description` only, which it clears.
 * @param current What the service is like now.
 * @returns Everything that is wrong.
 */
export function aksUpdateFaults(changes: AksSettings, current: AksCurrent): DeploymentFault[] {
  const faults = [
    ...valueFaults(known(changes, AKS_UPDATE_NAMES), AKS_RULES, '', 'AksWebservice', isLeftAlone),
    ...limitFaults(changes, ''),
    ...currentLimitFaults(changes, current),
    ...autoscaleFaults(changes, '', current.autoscaleEnabled === true),
  ];
  const { authEnabled, tokenAuthEnabled } = changes;
  if (authEnabled === true && tokenAuthEnabled === true) {
    faults.push({
      path: 'tokenAuthEnabled',
      message: 'does not go with authEnabled: true; callers use keys or tokens',
    });
  } else if (tokenAuthEnabled === true && current.authEnabled === true && authEnabled !== false) {
    faults.push({ path: 'tokenAuthEnabled', message: 'needs authEnabled: false, because the service uses keys now' });
  } else if (authEnabled === true && current.tokenAuthEnabled === true && tokenAuthEnabled !== false) {
    faults.push({ path: 'authEnabled', message: 'needs tokenAuthEnabled: false, because the service uses tokens now' });
  }
  return faults;
}

/**
 * Checks what is to be changed on an ACI service. Settings that the kind lacks are for the caller to refuse.
 *
 * Source: `AciWebservice.update` of azureml-core.
 *
 * @param changes The changes as the caller gave them; values may be anything.
 * @param current What the service is like now.
 * @returns Everything that is wrong.
 */
export function aciUpdateFaults(
  changes: AciSettings,
  current: { readonly sslEnabled?: boolean | undefined },
): DeploymentFault[] {
  const faults = valueFaults(known(changes, ACI_UPDATE_NAMES), ACI_RULES, '', 'AciWebservice', isLeftAlone);
  for (const name of ['sslCertPemFile', 'sslKeyPemFile'] as const) {
    if (isGiven(changes[name]) && (changes.sslEnabled ?? current.sslEnabled) !== true) {
      faults.push({ path: name, message: 'needs sslEnabled: true, because the service has no TLS now' });
    }
  }
  return [...faults, ...fileFaults(changes, '')];
}

/** A request over the limit of now, or a limit under the request of now. */
function currentLimitFaults(changes: AksSettings, current: AksCurrent): DeploymentFault[] {
  const faults: DeploymentFault[] = [];
  for (const [limit, request] of [
    ['cpuCoresLimit', 'cpuCores'],
    ['memoryGbLimit', 'memoryGb'],
  ] as const) {
    const [newLimit, newRequest, oldLimit, oldRequest] = [
      changes[limit],
      changes[request],
      current[limit],
      current[request],
    ];
    if (typeof newLimit === 'number' && !isGiven(newRequest) && isGiven(oldRequest) && newLimit < Number(oldRequest)) {
      faults.push({
        path: limit,
        message: `must be at least the service's ${request} (${oldRequest}), but is ${newLimit}`,
      });
    }
    if (typeof newRequest === 'number' && !isGiven(newLimit) && isGiven(oldLimit) && newRequest > Number(oldLimit)) {
      faults.push({
        path: request,
        message: `must be at most the service's ${limit} (${oldLimit}), but is ${newRequest}; raise ${limit} along with it`,
      });
    }
  }
  return faults;
}

function known(changes: object, names: readonly string[]): object {
  return Object.fromEntries(
    Object.entries(changes).filter(
      ([name, value]) => names.includes(name) && !(name === 'description' && value === null),
    ),
  );
}

function isLeftAlone(value: unknown): boolean {
  return value === undefined;
}
