import type { WaitOptions } from '@azureml-ts/common';
import { isAzuremlError, statusOf } from '@azureml-ts/common';
import type { Webservice } from '@azureml-ts/core';
import type { Check } from './context.ts';
import { type Finding, failedFinding, skipped } from './finding.ts';

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
    const findings: Finding[] = [];
    for (const { what, action, attempt } of attempts) {
      try {
        await attempt(service, context.limits);
      } catch (error) {
        context.io.abortSignal?.throwIfAborted();
        findings.push(findingOf(what, action, error));
      }
    }
    return findings.length > 0
      ? findings
      : [{ check: NAME, status: 'ok', message: 'no reading request was refused; changes are not tried' }];
  },
};

function findingOf(what: string, action: string, error: unknown): Finding {
  const said = (finding: Finding, verb: string): Finding => ({
    ...finding,
    message: `${what} ${verb}: ${finding.message}`,
  });
  if (isAzuremlError(error, 'PERMISSION_DENIED')) {
    const fix = `Ask for the role AzureML Data Scientist on the workspace, or one with the action ${action}; a new role takes some minutes.`;
    return said(failedFinding(NAME, error, fix), 'was refused');
  }
  if (isAzuremlError(error, 'UNSUPPORTED_OPERATION') || statusOf(error) === 404 || isNotFound(error)) {
    // There is nothing to read: no keys with token authentication, no log without a deployment.
    return { ...said(failedFinding(NAME, error, ''), 'could not be tried'), status: 'skip', fix: undefined };
  }
  const fix = 'Whether it is allowed is not known. Try again; if it lasts, quote the request id to support.';
  return said(failedFinding(NAME, error, fix, 'warn'), 'failed');
}

function isNotFound(error: unknown): boolean {
  return isAzuremlError(error) && error.code.endsWith('_NOT_FOUND');
}
