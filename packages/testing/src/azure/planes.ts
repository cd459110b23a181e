import { MANAGEMENT_ORIGINS } from './addresses.ts';
import { type Answer, type AzureRequest, errorOf, type Plane } from './answer.ts';
import { isBlobAddress } from './blob-address.ts';
import { answerClassic, isClassic } from './classic/router.ts';
import { challenge } from './credential.ts';
import { answerManagement, isStatusLink } from './management/router.ts';
import { discoveryPath } from './management/workspace-resource.ts';
import { answerScoring, type ScoringTarget, scoringTarget } from './scoring.ts';
import type { World } from './world.ts';

/** Services that the discovery document names. */
const DISCOVERED = [
  'api',
  'catalog',
  'experimentation',
  'gallery',
  'history',
  'hyperdrive',
  'labeling',
  'modelmanagement',
  'pipelines',
];

/** Where a request goes. @internal */
export interface Destination {
  readonly plane: Plane;
  readonly target?: ScoringTarget;
}

/** Finds the part of the stand-in that a request is for. @internal */
export function destinationOf(world: World, url: URL): Destination {
  if (world.blobs !== undefined && isBlobAddress(url)) {
    return { plane: 'blob' };
  }
  const { management, workspace } = world.addresses;
  const path = url.pathname;
  if ([management, ...MANAGEMENT_ORIGINS].includes(url.origin) && /^\/subscriptions\//i.test(path)) {
    return { plane: isStatusLink(path) ? 'operation' : 'management' };
  }
  const target = scoringTarget(world, url);
  if (target !== undefined) {
    return { plane: 'scoring', target };
  }
  if (url.origin === workspace && path === discoveryPath()) {
    return { plane: 'discovery' };
  }
  if (url.origin === workspace && isClassic(path)) {
    return { plane: 'classic' };
  }
  return {
    plane: url.hostname.endsWith('.inference.ml.azure.com') || path.startsWith('/scoring/') ? 'scoring' : 'other',
  };
}

/** Answers as the service does. @internal */
export function answer(world: World, request: AzureRequest, { plane, target }: Destination): Answer | Promise<Answer> {
  switch (plane) {
    case 'management':
    case 'operation':
      return tokenFault(world, request, plane) ?? answerManagement(world, request);
    case 'classic':
      // An upload brings its own signature.
      return request.url.pathname.startsWith('/blob/')
        ? { status: 201 }
        : (tokenFault(world, request, plane) ?? answerClassic(world, request));
    case 'discovery':
      return { status: 200, body: discovery(world) };
    case 'scoring':
      return target === undefined
        ? { status: 404, body: `There is no endpoint at ${request.url.hostname}.` }
        : answerScoring(world, request, target);
    default:
      return {
        status: 404,
        body: { error: { code: 'NotFound', message: `Nobody answers at ${request.url.origin}.` } },
      };
  }
}

function discovery(world: World): object {
  const { workspace } = world.addresses;
  return { ...Object.fromEntries(DISCOVERED.map((name) => [name, workspace])), studio: 'https://ml.azure.com' };
}

function tokenFault(world: World, request: AzureRequest, plane: Plane): Answer | undefined {
  const { authorization } = request.headers;
  if (world.tokens.audienceOf(authorization) === 'management') {
    return undefined;
  }
  const [code, message] =
    authorization === undefined
      ? ['AuthenticationFailed', "Authentication failed. The 'Authorization' header is missing."]
      : ['InvalidAuthenticationToken', 'The access token is invalid.'];
  return { ...errorOf(plane, 401, code, message), headers: challenge(message) };
}
