import type { WaitOptions } from '@azureml-ts/common';
import { isAzuremlError } from '@azureml-ts/common';
import type { Webservice } from '@azureml-ts/core';
import type { Check } from './context.ts';
import { type Finding, skipped } from './finding.ts';

const NAME = 'permissions';
const PROVIDER = 'Microsoft.MachineLearningServices/workspaces';

/** What is tried, and the action of Azure's roles that it needs. Nothing of it changes anything. */
interface Attempt {
  readonly what: string;
  readonly action: string;
  readonly attempt: (service: Webservice, limits: WaitOptions) => Promise<unknown>;
}

const ONLINE: readonly Attempt[] = [
  {
    what: 'reading logs',
    action: `${PROVIDER}/onlineEndpoints/deployments/getLogs/action`,
    attempt: (service, limits) => service.getLogs({ numLines: 1, ...limits }),
  },
  {
    what: 'reading the keys',
    action: `${PROVIDER}/onlineEndpoints/listKeys/action`,
    attempt: (service, limits) => service.getKeys(limits),
  },
];

const CLASSIC: readonly Attempt[] = [
  {
    what: 'reading logs',
    action: `${PROVIDER}/services/read`,
    attempt: (service, limits) => service.getLogs({ numLines: 1, ...limits }),
  },
  {
    what: 'reading the keys',
    action: `${PROVIDER}/services/aks/listkeys/action`,
    attempt: (service, limits) => service.getKeys(limits),
  },
];

/** Which of the reading requests of a service are refused. */
export const permissionsCheck: Check = {
  name: NAME,
  async look(context) {
    const { name, service } = context;
    if (name === undefined) {
      return [];
    }
    if (service === undefined) {
      return [skipped(NAME, 'the service could not be read')];
    }
    const attempts = service.kind === 'OnlineEndpoint' ? ONLINE : service.kind === 'LocalWebservice' ? [] : CLASSIC;
    const refused: Finding[] = [];
    for (const { what, action, attempt } of attempts) {
      try {
        await attempt(service, context.limits);
      } catch (error) {
        if (isAzuremlError(error, 'PERMISSION_DENIED')) {
          refused.push({
            check: NAME,
            status: 'fail',
            message: `${what} was refused: ${error.message}`,
            fix: `Ask for the role AzureML Data Scientist on the workspace, or one with the action ${action}; a new role takes some minutes.`,
            code: error.code,
          });
        } else {
          context.io.abortSignal?.throwIfAborted();
        }
      }
    }
    return refused.length > 0
      ? refused
      : [{ check: NAME, status: 'ok', message: 'no reading request was refused; changes are not tried' }];
  },
};
