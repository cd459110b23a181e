import { autoscalerOf, flagOf, requirementsOf } from './attributes.ts';
import type { AksCurrent } from './configuration/update-faults.ts';

/** What a service on AKS, or a version of an endpoint, is like now. */
export function aksCurrent(resource: unknown): AksCurrent {
  const requirements = requirementsOf(resource);
  return {
    authEnabled: flagOf(resource, 'authEnabled'),
    tokenAuthEnabled: flagOf(resource, 'aadAuthEnabled'),
    autoscaleEnabled: autoscalerOf(resource)?.autoscaleEnabled,
    cpuCores: requirements?.cpu,
    cpuCoresLimit: requirements?.cpuLimit,
    memoryGb: requirements?.memoryInGb,
    memoryGbLimit: requirements?.memoryInGbLimit,
  };
}
