import { isRecord } from '../../telemetry/json-record.ts';
import { type Answer, type AzureRequest, managementError } from '../answer.ts';
import { recordIn } from '../json.ts';
import type { MutableEndpoint, World } from '../world.ts';
import { busyFault, operationHeaders } from './long-running.ts';

const TOKEN_SECONDS = 3600 * 8;
const REFRESH_SECONDS = 3600 * 4;

/** POST listKeys, regenerateKeys and token of an endpoint. @internal */
export function answerEndpointSecrets(
  world: World,
  request: AzureRequest,
  endpoint: MutableEndpoint,
  action: string,
): Answer {
  const { authMode } = recordIn(endpoint.resource, 'properties');
  switch (action.toLowerCase()) {
    case 'listkeys':
      if (authMode !== 'Key') {
        return wrongMode(endpoint, 'list keys', authMode);
      }
      world.secrets.add(...Object.values(endpoint.keys));
      return { status: 200, body: { ...endpoint.keys } };
    case 'token':
      if (authMode === 'Key') {
        return wrongMode(endpoint, 'get a token', authMode);
      }
      return { status: 200, body: newToken(world, endpoint, String(authMode)) };
    default:
      return authMode === 'Key'
        ? regenerate(world, request, endpoint)
        : wrongMode(endpoint, 'regenerate keys', authMode);
  }
}

function wrongMode(endpoint: MutableEndpoint, what: string, authMode: unknown): Answer {
  return managementError(
    400,
    'BadRequest',
    `Cannot ${what} for endpoint '${endpoint.name}': its authentication mode is ${authMode}.`,
  );
}

function newToken(world: World, endpoint: MutableEndpoint, authMode: string): object {
  const now = Math.floor(Date.now() / 1000);
  const accessToken =
    authMode === 'AADToken'
      ? world.tokens.issue('https://ml.azure.com/.default').token
      : world.newScoringToken(endpoint);
  return {
    accessToken,
    tokenType: 'Bearer',
    expiryTimeUtc: now + TOKEN_SECONDS,
    refreshAfterTimeUtc: now + REFRESH_SECONDS,
  };
}

function regenerate(world: World, request: AzureRequest, endpoint: MutableEndpoint): Answer {
  const body = isRecord(request.body) ? request.body : {};
  const { keyType, keyValue } = body;
  if (keyType !== 'Primary' && keyType !== 'Secondary') {
    return managementError(
      400,
      'BadArgument',
      `keyType must be Primary or Secondary, but is ${keyType ?? 'missing'}.`,
      {
        target: 'keyType',
      },
    );
  }
  const fault = busyFault(world, endpoint, `endpoint '${endpoint.name}'`);
  if (fault !== undefined) {
    return fault;
  }
  world.secrets.add(keyValue);
  const operation = world.operations.start(endpoint, (outcome) => {
    if (outcome === 'Succeeded') {
      world.secrets.add(...Object.values(endpoint.keys));
      const value = typeof keyValue === 'string' ? keyValue : world.secrets.newKey();
      endpoint.keys = { ...endpoint.keys, [keyType === 'Primary' ? 'primaryKey' : 'secondaryKey']: value };
    }
  });
  return {
    status: 202,
    headers: operationHeaders(world, request, operation, ['azure-asyncoperation', 'location']),
  };
}
