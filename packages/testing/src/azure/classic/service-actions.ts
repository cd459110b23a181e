import { isRecord } from '../../telemetry/json-record.ts';
import { type Answer, type AzureRequest, classicError } from '../answer.ts';
import { tailOf } from '../management/deployments.ts';
import type { ClassicServiceState } from '../stand-in-types.ts';
import type { World } from '../world.ts';
import { accepted } from './operation-status.ts';

const REFRESH_SECONDS = 3600 * 12;
const EXPIRY_SECONDS = 3600 * 24;

/** GET logs. @internal */
export function answerServiceLogs(request: AzureRequest, service: ClassicServiceState): Answer {
  const { searchParams } = request.url;
  const tail = searchParams.get('tail');
  // The Python client writes True and False.
  const lines = searchParams.get('init')?.toLowerCase() === 'true' ? service.initLogs : service.logs;
  return { status: 200, body: { content: tailOf(lines, tail === null ? undefined : Number(tail)) } };
}

/** POST listkeys. @internal */
export function answerServiceKeys(world: World, service: ClassicServiceState): Answer {
  world.operations.runningOn(service)?.read();
  world.secrets.add(...Object.values(service.keys));
  return { status: 200, body: { ...service.keys } };
}

/** POST regenerateKeys. @internal */
export function regenerateServiceKey(
  world: World,
  request: AzureRequest,
  base: string,
  service: ClassicServiceState,
): Answer {
  const { keyType, keyValue } = isRecord(request.body) ? request.body : {};
  if (keyType !== 'Primary' && keyType !== 'Secondary') {
    return classicError(400, 'BadRequest', 'keyType must be Primary or Secondary.');
  }
  world.secrets.add(keyValue);
  const operation = world.operations.start(service, (outcome) => {
    if (outcome === 'Succeeded') {
      world.secrets.add(...Object.values(service.keys));
      const value = typeof keyValue === 'string' ? keyValue : world.secrets.newKey();
      service.keys = { ...service.keys, [keyType === 'Primary' ? 'primaryKey' : 'secondaryKey']: value };
    }
  });
  return accepted(world, base, operation);
}

/** POST token. @internal */
export function answerServiceToken(world: World, service: ClassicServiceState): Answer {
  if (service.resource['aadAuthEnabled'] !== true) {
    return { status: 403, body: { message: `Token authentication is not enabled for the service ${service.name}.` } };
  }
  const now = Math.floor(Date.now() / 1000);
  return {
    status: 200,
    body: {
      accessToken: world.newScoringToken(service),
      tokenType: 'Bearer',
      refreshAfter: now + REFRESH_SECONDS,
      expiryOn: now + EXPIRY_SECONDS,
    },
  };
}
