import { REDACTED } from '@azureml-ts/common';
import { isJsonObject, type JsonObject } from '../azure/json-object.ts';

/** Switches our telemetry on. */
export const INSIGHTS_ENABLED = 'AML_APP_INSIGHTS_ENABLED';
/** Where telemetry goes. */
export const INSIGHTS_CONNECTION = 'APPLICATIONINSIGHTS_CONNECTION_STRING';
/** Switches our collectors on. */
export const COLLECTION_ENABLED = 'AML_MODEL_DC_STORAGE_ENABLED';
/** Where collected rows go. */
export const COLLECTION_STORAGE = 'AML_MODEL_DC_STORAGE';
/** Which user-assigned identity the script signs in with. */
export const CLIENT_ID = 'AZURE_CLIENT_ID';

/** Variables that settings of their own stand for, because a platform flag changes with them, and how to set each. */
export const MANAGED_VARIABLES: Readonly<Record<string, string>> = {
  [INSIGHTS_ENABLED]: 'use enableAppInsights',
  [INSIGHTS_CONNECTION]: 'use appInsightsConnectionString',
  [COLLECTION_ENABLED]: 'use collectModelData',
  [COLLECTION_STORAGE]: 'use storage',
};

const SHOWN: ReadonlySet<string> = new Set([
  INSIGHTS_ENABLED,
  COLLECTION_ENABLED,
  CLIENT_ID,
  'AZUREML_ENTRY_SCRIPT',
  'AZUREML_SOURCE_DIRECTORY',
  'SERVICE_NAME',
  'WORKSPACE_NAME',
  'AZUREML_ARM_SUBSCRIPTION',
  'AZUREML_ARM_RESOURCEGROUP',
  'AZUREML_ARM_WORKSPACE_NAME',
]);

/** Whether a switch variable means on: `true` in any case, as the packages in the container read it. */
export function isOn(value: unknown): boolean {
  return typeof value === 'string' && value.trim().toLowerCase() === 'true';
}

/** One object for all, so that two readings of none are the same. */
const NONE: JsonObject = Object.freeze({});

/** Environment variables of a deployment's resource; empty when it has none. */
export function variablesOf(resource: JsonObject): JsonObject {
  const { properties } = resource;
  const variables = isJsonObject(properties) ? properties['environmentVariables'] : undefined;
  return isJsonObject(variables) ? variables : NONE;
}

/** Whether the value of a variable is certainly no secret, and may be shown. */
export function mayBeShown(name: string, value: unknown): boolean {
  return (
    value === null || value === undefined || SHOWN.has(name) || (name === COLLECTION_STORAGE && isPlainAddress(value))
  );
}

/** Values of variables that must not be seen in what a service says of a request. */
export function secretValues(variables: JsonObject): string[] {
  return Object.entries(variables).flatMap(([name, value]) =>
    typeof value === 'string' && !mayBeShown(name, value) ? [value] : [],
  );
}

/** Environment variables as they may be shown: what may be a secret is masked. */
export function shownVariables(variables: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [name, mayBeShown(name, value) ? value : REDACTED]),
  );
}

/** Whether a value is an address and nothing else: no signature, no password. */
export function isPlainAddress(text: unknown): boolean {
  if (typeof text !== 'string' || !URL.canParse(text)) {
    return false;
  }
  const { protocol, username, password, search, hash } = new URL(text);
  return /^(https?|file):$/.test(protocol) && username + password + search + hash === '';
}
