import { isRecord } from '../../telemetry/json-record.ts';
import { type Answer, managementError } from '../answer.ts';
import { isSameJson, textIn } from '../json.ts';
import type { AzureResource, OnlineDeploymentState } from '../stand-in-types.ts';
import type { MutableEndpoint } from '../world.ts';

const NAME = /^[a-zA-Z0-9][a-zA-Z0-9\-_]{0,254}$/;
/** Fields that only the service writes, as paths. */
const READ_ONLY = [
  ['id'],
  ['name'],
  ['type'],
  ['systemData'],
  ['identity', 'principalId'],
  ['identity', 'tenantId'],
  ['properties', 'provisioningState'],
  ['properties', 'scoringUri'],
  ['properties', 'swaggerUri'],
];
/** Fields of a deployment that stay as they were made. */
const IMMUTABLE = ['instanceType', 'codeConfiguration'];

function badRequest(message: string, target?: string): Answer {
  return managementError(400, 'BadArgument', message, target === undefined ? {} : { target });
}

/** Refuses a name that breaks the pattern. @internal */
export function nameFault(what: string, name: string): Answer | undefined {
  return NAME.test(name) ? undefined : badRequest(`The name '${name}' of the ${what} does not match ${NAME.source}.`);
}

/** Refuses a body of PUT that is no resource, or says what only the service may say. @internal */
export function resourceFault(body: unknown): Answer | undefined {
  if (!isRecord(body) || !isRecord(body['properties'])) {
    return badRequest('The request body must be a JSON object with the field properties.');
  }
  if (textIn(body, 'location') === undefined) {
    return managementError(400, 'LocationRequired', 'The location property is required for this definition.');
  }
  return readOnlyFault(body);
}

/** Refuses fields that only the service writes. @internal */
export function readOnlyFault(body: AzureResource): Answer | undefined {
  const present = READ_ONLY.filter((path) => {
    const [first = '', second] = path;
    const owner = second === undefined ? body : body[first];
    return isRecord(owner) && (second ?? first) in owner;
  }).map((path) => path.join('.'));
  const identities = isRecord(body['identity']) ? body['identity']['userAssignedIdentities'] : undefined;
  for (const [id, identity] of Object.entries(isRecord(identities) ? identities : {})) {
    if (isRecord(identity) && ('principalId' in identity || 'clientId' in identity)) {
      present.push(`identity.userAssignedIdentities.${id}`);
    }
  }
  return present.length === 0
    ? undefined
    : badRequest(`These fields are read-only and must not be in a request: ${present.join(', ')}.`, present[0]);
}

/** Refuses the body of a PATCH that has other fields than these. @internal */
export function patchFault(body: unknown, allowed: readonly string[]): Answer | undefined {
  if (!isRecord(body)) {
    return badRequest('The request body must be a JSON object.');
  }
  const others = Object.keys(body).filter((name) => !allowed.includes(name));
  return others.length === 0
    ? readOnlyFault(body)
    : badRequest(`Only ${allowed.join(' and ')} can be patched, not ${others.join(', ')}.`, others[0]);
}

/** Refuses shares of traffic that do not add up, or name a deployment that is not there. @internal */
export function trafficFault(properties: AzureResource, endpoint: MutableEndpoint | undefined): Answer | undefined {
  for (const [field, fits, rule] of [
    ['traffic', (sum: number) => sum === 0 || sum === 100, 'sum to 100, or all be 0'],
    ['mirrorTraffic', (sum: number) => sum <= 50, 'sum to at most 50'],
  ] as const) {
    const shares = isRecord(properties[field]) ? properties[field] : {};
    const unknown = Object.keys(shares).filter((name) => endpoint?.deployments.has(name) !== true);
    if (unknown.length > 0) {
      return badRequest(`${field} names deployments that do not exist: ${unknown.join(', ')}.`, `properties.${field}`);
    }
    const values = Object.values(shares);
    if (!values.every((value) => Number.isInteger(value) && Number(value) >= 0)) {
      return badRequest(`The values of ${field} must be integers from 0 to 100.`, `properties.${field}`);
    }
    const sum = values.reduce<number>((total, value) => total + Number(value), 0);
    if (!fits(sum)) {
      return badRequest(`The values of ${field} must ${rule}, but their sum is ${sum}.`, `properties.${field}`);
    }
  }
  return undefined;
}

/** Refuses to take away or alter entries of `properties.properties`. @internal */
export function propertyEntriesFault(sent: AzureResource, old: AzureResource | undefined): Answer | undefined {
  const before = isRecord(old?.['properties']) ? old['properties'] : {};
  const after = isRecord(sent['properties']) ? sent['properties'] : {};
  const changed = Object.keys(before).filter((name) => before[name] !== after[name]);
  return changed.length === 0
    ? undefined
    : badRequest(
        `Entries of properties can be added, but not removed or altered: ${changed.join(', ')}.`,
        'properties.properties',
      );
}

/** Refuses changes to what stays as it was made. @internal */
export function immutableFault(sent: AzureResource, deployment: OnlineDeploymentState): Answer | undefined {
  const old = deployment.resource['properties'];
  const changed = IMMUTABLE.filter((name) => isRecord(old) && !isSameJson(old[name], sent[name]));
  return changed.length === 0
    ? undefined
    : managementError(
        400,
        'ImmutableProperty',
        `These properties of deployment '${deployment.name}' cannot be changed: ${changed.join(', ')}.`,
        { target: `properties.${changed[0]}` },
      );
}

/** Refuses a compute type that deployments do not have. @internal */
export function computeTypeFault(properties: AzureResource): Answer | undefined {
  const type = textIn(properties, 'endpointComputeType');
  return type === 'Managed' || type === 'Kubernetes'
    ? undefined
    : badRequest(`endpointComputeType must be Managed or Kubernetes, but is ${type ?? 'missing'}.`);
}

/** Refuses an authentication mode that endpoints do not have. @internal */
export function authModeFault(properties: AzureResource): Answer | undefined {
  const mode = textIn(properties, 'authMode');
  return mode !== undefined && ['Key', 'AMLToken', 'AADToken'].includes(mode)
    ? undefined
    : badRequest(`authMode must be Key, AMLToken or AADToken, but is ${mode ?? 'missing'}.`);
}
