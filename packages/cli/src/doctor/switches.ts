import type { OnlineDeployment } from '@azureml-ts/core';
import type { Check } from './context.ts';
import type { Finding } from './finding.ts';

const NAME = 'switches';

/** A switch of the platform, and what the packages in the container read. */
interface Switch {
  readonly flag: string;
  readonly isOn: (deployment: OnlineDeployment) => boolean;
  readonly variable: string;
  /** Variables of which one says where the data goes. */
  readonly destinations: readonly string[];
  readonly option: string;
  readonly setDestination: string;
}

const SWITCHES: readonly Switch[] = [
  {
    flag: 'appInsightsEnabled',
    isOn: (deployment) => deployment.appInsightsEnabled,
    variable: 'AML_APP_INSIGHTS_ENABLED',
    destinations: ['APPLICATIONINSIGHTS_CONNECTION_STRING', 'AML_APP_INSIGHTS_KEY'],
    option: 'enable-app-insights',
    setDestination: `--set 'appInsightsConnectionString="..."'`,
  },
  {
    flag: 'dataCollector',
    isOn: (deployment) => deployment.collectModelData,
    variable: 'AML_MODEL_DC_STORAGE_ENABLED',
    destinations: ['AML_MODEL_DC_STORAGE'],
    option: 'collect-model-data',
    setDestination: `--set 'storage="https://ACCOUNT.blob.core.windows.net"'`,
  },
];

/**
 * Whether the platform's flags and the environment variables agree for each deployment: the one without the other
 * collects nothing, or sends nothing.
 */
export const switchesCheck: Check = {
  name: NAME,
  async look({ deployments = [], service, name = '' }) {
    const isUserAssigned = identityTypeOf(service) === 'UserAssigned';
    return deployments.flatMap((deployment) =>
      SWITCHES.map((given) => findingOf(given, deployment, name, isUserAssigned)),
    );
  },
};

function findingOf(given: Switch, deployment: OnlineDeployment, name: string, isUserAssigned: boolean): Finding {
  const { flag, variable, option } = given;
  const variables = deployment.environmentVariables;
  const hasFlag = given.isOn(deployment);
  const hasVariable = variables[variable]?.trim().toLowerCase() === 'true';
  const what = `deployment "${deployment.name}"`;
  const command = `azureml-ts service update ${name} --deployment ${deployment.name}`;
  if (hasFlag !== hasVariable) {
    return {
      check: NAME,
      status: 'fail',
      message: `${what}: ${flag} is ${hasFlag ? 'on' : 'off'}, but ${variable} is ${shown(variables[variable])}: ${
        hasFlag ? 'the packages in the container do nothing' : 'the platform does nothing'
      }`,
      fix: `Switch both together: ${command} --${option} (or --no-${option}).`,
    };
  }
  if (!hasFlag) {
    return { check: NAME, status: 'ok', message: `${what}: ${flag} and ${variable} are off` };
  }
  const destination = given.destinations.find((candidate) => variables[candidate]);
  if (destination === undefined) {
    return {
      check: NAME,
      status: 'warn',
      message: `${what}: ${flag} and ${variable} are on, but none of ${given.destinations.join(', ')} is set, so the packages in the container do not know where to`,
      fix: `Say where to: ${command} ${given.setDestination}.`,
    };
  }
  if (
    destination === 'AML_MODEL_DC_STORAGE' &&
    isUserAssigned &&
    isPlainUrl(variables[destination]) &&
    !variables['AZURE_CLIENT_ID']
  ) {
    return {
      check: NAME,
      status: 'warn',
      message: `${what}: rows go to a storage account without a key, but the endpoint has only user-assigned identities and AZURE_CLIENT_ID does not say which`,
      fix: `Name the identity: ${command} --set-env AZURE_CLIENT_ID=ID, and give it the role Storage Blob Data Contributor.`,
    };
  }
  return { check: NAME, status: 'ok', message: `${what}: ${flag} and ${variable} are on` };
}

/** A switch is no secret, but what stands in its place may be. */
function shown(value: string | null | undefined): string {
  if (value === undefined || value === null) {
    return 'not set';
  }
  return /^\s*(true|false)\s*$/i.test(value) ? value.trim() : 'something else than true';
}

function isPlainUrl(value: string | null | undefined): boolean {
  return typeof value === 'string' && /^https:\/\/[^?]*$/i.test(value);
}

function identityTypeOf(service: unknown): string | undefined {
  const { resource } = (service ?? {}) as { resource?: { identity?: { type?: string } } };
  return resource?.identity?.type;
}
