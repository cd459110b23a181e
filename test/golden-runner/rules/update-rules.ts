import type { Exchange } from '../exchange.ts';
import { ourCode, peerError, type ScenarioRule, type Scene } from './rule.ts';

const GIT = /^(\/properties\/)?(azureml\.git|mlflow\.source\.git)\./;

/** Rules about what an update sends. */
export const UPDATE_RULES: readonly ScenarioRule[] = [
  {
    id: 'no-git-properties',
    peer: 'adds properties of the git checkout that it runs in to every create and update, user and password of the remote included',
    ours: 'sends what was asked for',
    explains: ({ kind, part, path, ours }) =>
      kind === 'other request' && part === 'body' && ours === undefined && GIT.test(path?.at(-1) ?? ''),
  },
  {
    id: 'no-git-properties',
    peer: 'needs no other change for an update, as the git properties are one',
    ours: 'says that nothing was asked for',
    explains: (difference, scene) => {
      const onlyGit = scene.scenario.requests.some(
        ({ method, json }) =>
          method === 'PATCH' &&
          Array.isArray(json) &&
          json.length > 0 &&
          json.every(({ path }) => GIT.test(String(path))),
      );
      return (
        onlyGit &&
        ((difference.kind === 'other error' && ourCode(difference) === 'NOTHING_TO_UPDATE') ||
          difference.kind === 'missing request' ||
          difference.kind === 'other result')
      );
    },
  },
  {
    id: 'escaped-names',
    peer: 'writes names of properties into JSON pointers as they are, so that a `/` or `~` in one changes another field',
    ours: 'escapes them (RFC 6901)',
    explains: ({ kind, part, path, recorded, ours }) => {
      const pointer = path?.at(-1) ?? '';
      return (
        kind === 'other request' &&
        part === 'body' &&
        ((ours === undefined && /\/properties\/.*[/~]/.test(pointer)) ||
          (recorded === undefined && /\/properties\/.*~[01]/.test(pointer)) ||
          (pointer === 'order' && JSON.stringify(ours).includes('/properties/')))
      );
    },
  },
  {
    id: 'zero-is-meant',
    peer: 'takes `0` and an empty description for "not given" and leaves them out',
    ours: 'sends them, or refuses them by name where they make no sense: only `undefined` leaves a setting alone',
    explains: (difference, scene) => {
      if (!asksForNothing(scene)) {
        return false;
      }
      const { kind, recorded, ours } = difference;
      const value = (ours as { readonly value?: unknown } | undefined)?.value;
      return (
        (kind === 'other request' && recorded === undefined && (value === 0 || value === '')) ||
        (kind === 'further request' && /\/services\b/.test(difference.exchange?.path ?? '')) ||
        (kind === 'other error' &&
          (ourCode(difference) === 'DEPLOYMENT_CONFIGURATION_INVALID' ||
            (ours === null && /No parameters/.test(peerError(difference)?.message ?? ''))))
      );
    },
  },
  {
    id: 'missing-fields-added',
    peer: 'replaces fields that the service does not have, which JSON Patch forbids',
    ours: 'adds them, with the object around them when that is missing as well',
    explains: ({ kind, part, path, recorded, ours }, scene) => {
      if (kind !== 'other request' || part !== 'body') {
        return false;
      }
      const pointer = path?.at(-1) === 'op' ? path.at(-2) : path?.at(-1);
      const added = ours as { readonly op?: string } | undefined;
      const replaced = recorded as { readonly op?: string } | undefined;
      const isInside = (outer: string | undefined, inner: string | undefined) =>
        outer !== undefined && inner?.startsWith(`${outer}/`) === true;
      return (
        (path?.at(-1) === 'op' && recorded === 'replace' && String(ours) === 'add' && isMissing(pointer, scene)) ||
        (recorded === undefined &&
          added?.op === 'add' &&
          isMissing(pointer, scene) &&
          patches(scene.scenario.requests).some((step) => isInside(pointer, step.path))) ||
        (ours === undefined &&
          replaced?.op === 'replace' &&
          patches(scene.outcome.exchanges).some((step) => step.op === 'add' && isInside(step.path, pointer)))
      );
    },
  },
  {
    id: 'versions-complete',
    peer: 'drops `properties` in `update_version`, writes tags of a version into a field that is not read, and checks nothing',
    ours: 'sends properties, writes tags where they are read, and checks settings as those of a service',
    explains: (difference, { steps, outcome }) => {
      const { kind, part, path, recorded, ours } = difference;
      const pointer = path?.at(-1) ?? '';
      const refused = [...outcome.errors].some(
        ([step, error]) =>
          /^(update|create)Version$/.test(steps[step]?.do ?? '') &&
          (error as { code?: unknown }).code === 'DEPLOYMENT_CONFIGURATION_INVALID',
      );
      return (
        (kind === 'other request' &&
          part === 'body' &&
          ((recorded === undefined && /^\/versions\/[^/]+\/(properties(\/.+)?|kvTags)$/.test(pointer)) ||
            (ours === undefined && /^\/versions\/[^/]+\/tags$/.test(pointer)))) ||
        (refused && (kind === 'other error' || kind === 'missing request' || kind === 'other result'))
      );
    },
  },
  {
    id: 'versions-in-any-order',
    peer: 'changes the versions of an endpoint in an order of its own',
    ours: 'changes the version that was asked for, then the others: the steps do not touch each other',
    explains: ({ kind, part, path, recorded }) =>
      kind === 'other request' &&
      part === 'body' &&
      path?.at(-1) === 'order' &&
      Array.isArray(recorded) &&
      recorded.every((pointer) => String(pointer).startsWith('/versions/')),
  },
  {
    id: 'new-version-checked',
    peer: 'reads the compute before it adds a version, sends fields that are null, and lets the service check nothing',
    ours: 'lets the service check the new version, and sends what was given',
    explains: ({ kind, part, exchange, path, recorded, ours }, { steps }) =>
      steps.some(({ do: name }) => name === 'createVersion') &&
      ((kind === 'missing request' && /\/computes\/[^/]+$/.test(exchange?.path ?? '')) ||
        (kind === 'further request' && /\/services\/validate$/.test(exchange?.path ?? '')) ||
        (kind === 'other request' &&
          part === 'body' &&
          path?.some((name) => /^\/versions\/[^/]+$/.test(name)) === true &&
          recorded === null &&
          ours === undefined)),
  },
  {
    id: 'new-properties-only',
    peer: 'sends all properties of a service again when one is added',
    ours: 'sends those that were given',
    explains: ({ kind, part, path, recorded, ours }, scene) => {
      const step = recorded as { readonly path?: string; readonly value?: unknown } | undefined;
      const names = scene.steps.flatMap(({ do: name, args }) =>
        name === 'addProperties' ? Object.keys((args['properties'] ?? {}) as object) : [],
      );
      return (
        kind === 'other request' &&
        part === 'body' &&
        names.length > 0 &&
        ((ours === undefined &&
          step?.path?.startsWith('/properties/') === true &&
          !names.includes(step.path.slice('/properties/'.length)) &&
          valueAt(step.path, scene) === step.value) ||
          path?.at(-1) === 'order')
      );
    },
  },
  {
    id: 'no-empty-patch',
    peer: 'sends an empty patch for `properties: {}`',
    ours: 'says that nothing was asked for',
    explains: (difference, { scenario }) =>
      scenario.requests.some(({ method, json }) => method === 'PATCH' && Array.isArray(json) && json.length === 0) &&
      ((difference.kind === 'other error' && ourCode(difference) === 'NOTHING_TO_UPDATE') ||
        difference.kind === 'missing request' ||
        difference.kind === 'other result'),
  },
];

/** Whether a step gives a value that Python takes for nothing. */
function asksForNothing({ steps }: Scene): boolean {
  return steps.some(
    ({ do: name, args }) =>
      /^(update|updateVersion|createVersion)$/.test(name) &&
      Object.values(args).some((value) => value === 0 || value === ''),
  );
}

function patches(exchanges: readonly Exchange[]): readonly { readonly op: string; readonly path: string }[] {
  return exchanges.flatMap(({ method, json }) => (method === 'PATCH' && Array.isArray(json) ? json : []));
}

/** Whether the service had nothing at a JSON pointer when it was first read. */
function isMissing(pointer: string | undefined, scene: Scene): boolean {
  const value = valueAt(pointer ?? '', scene);
  return value === undefined || value === null;
}

/** What the service had at a JSON pointer when it was first read. */
function valueAt(pointer: string, { scenario }: Scene): unknown {
  const service = scenario.requests.find(({ method, path }) => method === 'GET' && /\/services\/[^/]+$/.test(path));
  let current = service?.answer.json;
  for (const name of pointer.split('/').slice(1)) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, name)) {
      return undefined;
    }
    current = (current as Record<string, unknown>)[name];
  }
  return current;
}
