import type { OnlineEndpoint } from '@azureml-ts/core';
import type { Check } from './context.ts';
import { type Finding, failedFinding } from './finding.ts';
import { stateFinding } from './service.ts';

const NAME = 'deployments';

/** In which state each deployment of an online endpoint is, and whether any of them gets requests. */
export const deploymentsCheck: Check = {
  name: NAME,
  async look(context) {
    const { service, name = '' } = context;
    if (service?.kind !== 'OnlineEndpoint') {
      return [];
    }
    const endpoint = service as OnlineEndpoint;
    try {
      context.deployments = await endpoint.deployments({ refresh: true, ...context.limits });
    } catch (error) {
      return [failedFinding(NAME, error, 'Try again; the message names what to look at.')];
    }
    if (context.deployments.length === 0) {
      return [
        {
          check: NAME,
          status: 'fail',
          message: `"${name}" has no deployment, so it answers no request`,
          fix: 'Deploy a model to it.',
        },
      ];
    }
    const findings: Finding[] = context.deployments.map(({ name: deployment, state }) =>
      stateFinding(NAME, `deployment "${deployment}"`, state, name),
    );
    const { traffic } = endpoint;
    if (Object.values(traffic).every((share) => share === 0)) {
      findings.push({
        check: NAME,
        status: 'warn',
        message: `no deployment of "${name}" gets requests: all traffic shares are 0`,
        fix: 'Give a deployment traffic in the studio, or name it in each request (service run --deployment).',
      });
    }
    return findings;
  },
};
