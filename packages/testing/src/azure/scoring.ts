import { isRecord } from '../telemetry/json-record.ts';
import type { Answer, AzureRequest } from './answer.ts';
import { bearerOf } from './credential.ts';
import { recordIn } from './json.ts';
import type { ClassicServiceState, OnlineEndpointState } from './stand-in-types.ts';
import type { MutableEndpoint, World } from './world.ts';

/** What an address that scores belongs to. @internal */
export type ScoringTarget =
  | { readonly kind: 'online'; readonly owner: MutableEndpoint; readonly isSwagger: boolean }
  | { readonly kind: 'classic'; readonly owner: ClassicServiceState; readonly isSwagger: boolean };

/** The endpoint or service whose address this is. @internal */
export function scoringTarget(world: World, url: URL): ScoringTarget | undefined {
  const asked = addressOf(url.href);
  for (const owner of world.endpoints.values()) {
    const { scoringUri, swaggerUri } = recordIn(owner.resource, 'properties');
    if (asked === addressOf(scoringUri) || asked === addressOf(swaggerUri)) {
      return { kind: 'online', owner, isSwagger: asked === addressOf(swaggerUri) };
    }
  }
  for (const owner of world.services.values()) {
    const scoring = addressOf(owner.resource['scoringUri']);
    const swagger = scoring?.replace(/[^/]*$/, 'swagger.json');
    if (scoring !== undefined && (asked === scoring || asked === swagger)) {
      return { kind: 'classic', owner, isSwagger: asked === swagger };
    }
  }
  return undefined;
}

/** An address without its query, written in one way; `undefined` for what is none. */
function addressOf(uri: unknown): string | undefined {
  if (typeof uri !== 'string' || !URL.canParse(uri)) {
    return undefined;
  }
  const { origin, pathname } = new URL(uri);
  return origin + pathname;
}

/** Answers a scoring request. @internal */
export function answerScoring(world: World, request: AzureRequest, target: ScoringTarget): Answer | Promise<Answer> {
  const fault =
    target.kind === 'online' ? onlineFault(world, request, target.owner) : classicFault(world, request, target.owner);
  if (fault !== undefined) {
    return fault;
  }
  if (target.isSwagger) {
    return { status: 200, body: { swagger: '2.0', info: { title: target.owner.name, version: '1.0' }, paths: {} } };
  }
  if (request.method !== 'POST' && request.method !== 'GET') {
    return { status: 405, body: 'Method Not Allowed' };
  }
  const deploymentName = target.kind === 'online' ? routed(request, target.owner) : target.owner.name;
  if (deploymentName === undefined) {
    return {
      status: 404,
      headers: { 'content-type': 'text/plain; charset=utf-8' },
      body:
        'No valid deployments to route to. Please check that the endpoint has at least one deployment with positive ' +
        'weight values or use a deployment specific header to route.',
    };
  }
  return scored(target.owner, request, deploymentName, target.kind === 'online');
}

async function scored(
  owner: { readonly score: OnlineEndpointState['score'] },
  request: AzureRequest,
  deploymentName: string,
  isOnline: boolean,
): Promise<Answer> {
  const answer = await owner.score({ body: request.text, headers: request.headers, deploymentName });
  const named: Record<string, string> = isOnline ? { 'azureml-model-deployment': deploymentName } : {};
  return { status: answer.status ?? 200, headers: { ...named, ...answer.headers }, body: answer.body };
}

function onlineFault(world: World, request: AzureRequest, endpoint: MutableEndpoint): Answer | undefined {
  const token = bearerOf(request.headers['authorization']);
  const { authMode } = recordIn(endpoint.resource, 'properties');
  const isKnown =
    authMode === 'Key'
      ? isKey(endpoint, token)
      : authMode === 'AADToken'
        ? world.tokens.audienceOf(request.headers['authorization']) === 'scoring'
        : world.scoringTokens.get(endpoint)?.has(token ?? '') === true;
  return isKnown
    ? undefined
    : refused(token, authMode === 'Key' ? 'key_auth_access_denied' : 'token_auth_access_denied');
}

function classicFault(world: World, request: AzureRequest, service: ClassicServiceState): Answer | undefined {
  const token = bearerOf(request.headers['authorization']);
  const { authEnabled, aadAuthEnabled } = service.resource;
  if (authEnabled !== true && aadAuthEnabled !== true) {
    return undefined;
  }
  const isKnown =
    (authEnabled === true && isKey(service, token)) ||
    (aadAuthEnabled === true && world.scoringTokens.get(service)?.has(token ?? '') === true);
  return isKnown ? undefined : refused(token, 'access_denied');
}

function isKey({ keys }: OnlineEndpointState | ClassicServiceState, token: string | undefined): boolean {
  return token !== undefined && (token === keys.primaryKey || token === keys.secondaryKey);
}

function refused(token: string | undefined, error: string): Answer {
  return {
    status: 401,
    headers: { 'www-authenticate': `Bearer error="${token === undefined ? 'token_missing' : 'invalid_token'}"` },
    body: { error },
  };
}

/** The deployment that a request goes to: the one it names, else one with traffic, in turn by their shares. */
function routed(request: AzureRequest, endpoint: MutableEndpoint): string | undefined {
  const named = request.headers['azureml-model-deployment'];
  if (named !== undefined) {
    return endpoint.deployments.has(named) ? named : undefined;
  }
  const { traffic } = recordIn(endpoint.resource, 'properties');
  const shares = Object.entries(isRecord(traffic) ? traffic : {}).filter(
    ([name, share]) => Number(share) > 0 && endpoint.deployments.has(name),
  );
  const total = shares.reduce((sum, [, share]) => sum + Number(share), 0);
  if (total === 0) {
    return undefined;
  }
  const served = SERVED.get(endpoint) ?? new Map<string, number>();
  SERVED.set(endpoint, served);
  // The one that is furthest behind its share: no chance in it, so that tests can count.
  const [name] = shares.reduce((best, candidate) => (lag(candidate) > lag(best) ? candidate : best));
  served.set(name, (served.get(name) ?? 0) + 1);
  return name;

  function lag([candidate, share]: readonly [string, unknown]): number {
    const all = [...served.values()].reduce((sum, count) => sum + count, 0);
    return (Number(share) / total) * (all + 1) - (served.get(candidate) ?? 0);
  }
}

/** Requests that each deployment of an endpoint got by its share of the traffic. */
const SERVED = new WeakMap<MutableEndpoint, Map<string, number>>();
