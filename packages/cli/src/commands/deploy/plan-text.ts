import { isDeepStrictEqual } from 'node:util';
import type {
  ClassicDeploymentPlan,
  DeploymentPlan,
  LocalDeploymentPlan,
  PlannedRequest,
  PlannedUpload,
} from '@azureml-ts/core';
import { jsonText } from '../../output/json.ts';

/** A plan for people: the uploads, then each request with its body; or what would be started here. */
export function planText(plan: DeploymentPlan | ClassicDeploymentPlan | LocalDeploymentPlan): string {
  const lines = plan.kind === 'LocalWebservice' ? localLines(plan) : azureLines(plan);
  return `${lines.join('\n')}\n`;
}

function azureLines(plan: DeploymentPlan | ClassicDeploymentPlan): string[] {
  const { name, kind, uploads, requests } = plan;
  const what =
    plan.kind === 'OnlineEndpoint'
      ? `Deployment "${plan.deploymentName}" of online endpoint "${name}"`
      : `Classic service "${name}" (${kind})`;
  return [
    `${what}: nothing was changed.`,
    ...(uploads.length + requests.length === 0
      ? ['All is as the file says already: nothing would be sent.']
      : [...uploads.flatMap(uploadLines), ...requests.flatMap((request) => requestLines(request, requests.at(-1)))]),
  ];
}

function uploadLines({ what, url, files, bytes }: PlannedUpload): string[] {
  const count = `${files.length} ${files.length === 1 ? 'file' : 'files'}`;
  return [
    '',
    `Upload of the ${what}: ${count}, ${bytes} bytes, to ${url}`,
    ...files.map(({ path, size }) => `  ${path} (${size} bytes)`),
  ];
}

function requestLines(request: PlannedRequest, last: PlannedRequest | undefined): string[] {
  const { what, method, url, body } = request;
  const shown = request === last ? body : shortened(body, last?.body);
  return ['', `# ${what}`, `${method} ${url}`, typeof shown === 'string' ? shown : jsonText(shown, 2)];
}

/** A body without what the last request has: the checks of a classic service get the whole request for it. */
function shortened(body: unknown, last: unknown): unknown {
  if (typeof last !== 'object' || last === null) {
    return body;
  }
  if (isDeepStrictEqual(body, last)) {
    return '(the body of the last request)';
  }
  return typeof body === 'object' && body !== null && !Array.isArray(body)
    ? Object.fromEntries(
        Object.entries(body).map(([key, value]) => [
          key,
          isDeepStrictEqual(value, last) ? '(the body of the last request)' : value,
        ]),
      )
    : body;
}

function localLines(plan: LocalDeploymentPlan): string[] {
  const { name, command, workingDirectory, directory, port, models, environmentVariables } = plan;
  return [
    `Service "${name}" on this machine: nothing was started.`,
    '',
    `# Starting the service, on ${port === null ? 'any free port' : `port ${port}`}`,
    command.join(' '),
    `  in ${workingDirectory}, with its files in ${directory}`,
    ...(models.length === 0 ? [] : ['', '# Models']),
    ...models.map(({ id, path, target }) => `${id}: ${path}, linked as ${target}`),
    '',
    '# Variables beside those of this command',
    ...Object.entries(environmentVariables).map(([variable, value]) => `${variable}=${value}`),
  ];
}
