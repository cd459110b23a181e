import { isAzuremlError } from '@azureml-ts/common';
import type { Check } from './context.ts';
import { type Finding, failedFinding, skipped } from './finding.ts';

const NAME = 'service';

/** Whether the service is there, and in which state. */
export const serviceCheck: Check = {
  name: NAME,
  async look(context) {
    const { name, workspace, details } = context;
    if (name === undefined) {
      return [];
    }
    if (workspace === undefined || details === undefined) {
      return [skipped(NAME, 'the workspace could not be read')];
    }
    const { Webservice } = await import('@azureml-ts/core');
    try {
      context.service = await Webservice.get(workspace, name, { kind: context.options.kind, ...context.limits });
    } catch (error) {
      return [failedFinding(NAME, error, fixOf(error))];
    }
    const { kind, state } = context.service;
    return [stateFinding(NAME, `${kind} "${name}"`, state, name)];
  },
};

/** A finding about the state of a service or of a deployment. */
export function stateFinding(check: string, what: string, state: string, serviceName: string): Finding {
  const message = `${what} is ${state}`;
  switch (state) {
    case 'Healthy':
      return { check, status: 'ok', message };
    case 'Failed':
    case 'Unhealthy':
    case 'Unschedulable':
      return {
        check,
        status: 'fail',
        message,
        fix: `See why: azureml-ts service logs ${serviceName}, also with --container storage-initializer; then correct it and deploy again.`,
      };
    default:
      return { check, status: 'warn', message, fix: `Wait for its end: azureml-ts service wait ${serviceName}.` };
  }
}

function fixOf(error: unknown): string {
  if (isAzuremlError(error, 'WEBSERVICE_NOT_FOUND')) {
    return 'Correct the name; azureml-ts service list names those that are there.';
  }
  if (isAzuremlError(error, 'AMBIGUOUS_NAME')) {
    return 'Give --kind.';
  }
  return isAzuremlError(error, 'PERMISSION_DENIED')
    ? 'Ask for the role AzureML Data Scientist on the workspace; a new role takes some minutes.'
    : 'Try again; the message names what to look at.';
}
