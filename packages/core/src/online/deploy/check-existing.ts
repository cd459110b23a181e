import { type JsonObject, textAt } from '../../azure/json-object.ts';
import { WebserviceError } from '../../errors.ts';
import type { FieldChange } from '../../webservice/update-report.ts';
import type { Workspace } from '../../workspace/workspace.ts';
import type { CheckedDeploy } from './check-online-deploy.ts';
import { computeId } from './endpoint-body.ts';

/**
 * Checks that an endpoint which is there is one that the deployment can be made on: it is not changed.
 *
 * @throws {@link WebserviceError} `WEBSERVICE_EXISTS` naming what differs.
 */
export function checkEndpoint(workspace: Workspace, checked: CheckedDeploy, endpoint: JsonObject | undefined): void {
  if (endpoint === undefined) {
    return;
  }
  const { settings, endpointName } = checked;
  const { authMode, computeTargetName, enablePublicNetworkAccess: isPublic } = settings;
  const access = textAt(endpoint, 'properties', 'publicNetworkAccess');
  const compute = textAt(endpoint, 'properties', 'compute');
  const wanted = computeTargetName === undefined ? undefined : computeId(workspace, computeTargetName);
  const mode = textAt(endpoint, 'properties', 'authMode');
  const differences = [
    ...(authMode !== undefined && mode !== undefined && mode.toLowerCase() !== authMode.toLowerCase()
      ? [`its authMode is ${mode}, not ${authMode}`]
      : []),
    ...(isPublic !== undefined && access !== undefined && (access.toLowerCase() === 'enabled') !== isPublic
      ? [`its publicNetworkAccess is ${access}`]
      : []),
    ...(compute?.toLowerCase() !== wanted?.toLowerCase()
      ? [
          `it runs on ${compute === undefined ? 'machines of Azure' : `the cluster ${compute.split('/').at(-1)}`}, not on ${computeTargetName ?? 'machines of Azure'}`,
        ]
      : []),
  ];
  if (differences.length > 0) {
    throw new WebserviceError(
      'WEBSERVICE_EXISTS',
      `The online endpoint "${endpointName}" is there already, and what a deployment does not change of it is not as asked for: ` +
        `${differences.join('; ')}. Choose another name, or delete it first.`,
    );
  }
}

/**
 * Checks that a deployment which is there may be replaced, and can be.
 *
 * @throws {@link WebserviceError} `WEBSERVICE_EXISTS` naming what differs.
 */
export function checkReplacement(checked: CheckedDeploy, changes: readonly FieldChange[]): void {
  const { endpointName, deploymentName, overwrite } = checked;
  const paths = changes.map(({ path }) => path);
  const what = `Deployment "${deploymentName}" of the online endpoint "${endpointName}"`;
  const details = {
    differences: changes.map(({ path, from, to }) => ({ path, from: from ?? null, to: to ?? null })),
  };
  const fixed = paths.filter((path) =>
    /^\/properties\/(instanceType|codeConfiguration|endpointComputeType)\b/.test(path),
  );
  if (overwrite && fixed.length > 0) {
    throw new WebserviceError(
      'WEBSERVICE_EXISTS',
      `${what} is there already, and ${fixed.join(', ')} cannot be changed. Deploy with another deploymentName and shift the traffic.`,
      { details },
    );
  }
  if (!overwrite) {
    throw new WebserviceError(
      'WEBSERVICE_EXISTS',
      `${what} is there already and differs in ${paths.map(withMeaning).join(', ')}. ` +
        'Set overwrite: true to replace it, or deploy with another deploymentName and shift the traffic.',
      { details },
    );
  }
}

/** The image and the code have ids of their content: what differs there is what a script's author knows as files and packages. */
function withMeaning(path: string): string {
  if (/\/environmentId$/.test(path)) {
    return `${path} (the environment, or the code or packages in it, changed)`;
  }
  return /\/codeId$/.test(path) ? `${path} (the code changed)` : path;
}
