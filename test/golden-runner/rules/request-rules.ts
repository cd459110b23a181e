import { WORKSPACE_PATH } from '../placeholders.ts';
import { hasFailedOperation, isScoring, ourCode, type ScenarioRule, type Scene, TEMPORARY } from './rule.ts';

/** Rules about which requests are sent. */
export const REQUEST_RULES: readonly ScenarioRule[] = [
  {
    id: 'keys-once',
    peer: 'fetches the keys, or a token, again for each call of `run`, and once more than needed after a 401',
    ours: 'fetches them once for many calls, and once more after a 401',
    explains: ({ kind, exchange }, { outcome }) =>
      kind === 'missing request' &&
      /\/(listkeys|token)$/.test(exchange?.path ?? '') &&
      outcome.exchanges.some(({ path }) => path === exchange?.path),
  },
  {
    id: 'scoring-once',
    peer: 'sends a scoring request again after 408, 429, 5xx and broken connections, up to three times',
    ours: 'sends it once: the script may have acted on it; the caller repeats it when that is right',
    explains: ({ kind, exchange }, scene) =>
      kind === 'missing request' &&
      exchange !== undefined &&
      isScoring(exchange.path) &&
      wasAnswered(scene, exchange, (status) => TEMPORARY.has(status)),
  },
  {
    id: 'scoring-once',
    peer: 'gives the answer of the repeated scoring request',
    ours: 'says at once that scoring failed, with the status',
    explains: ({ kind, step, recorded, ours }, scene) =>
      scene.steps[step ?? -1]?.do === 'run' &&
      scene.scenario.requests.some(({ path, answer }) => isScoring(path) && TEMPORARY.has(answer.status)) &&
      ((kind === 'other error' && recorded === null && TEMPORARY.has((ours as { statusCode: number }).statusCode)) ||
        (kind === 'other result' && ours === null)),
  },
  {
    id: 'failure-brings-logs',
    peer: 'never fetches the logs of a deployment that failed',
    ours: 'puts the last lines of both containers into the error',
    explains: ({ kind, exchange }, scene) =>
      kind === 'further request' &&
      hasFailedOperation(scene) &&
      /\/services\/[^/]+(\/logs)?$/.test(exchange?.path ?? ''),
  },
  {
    id: 'all-planes',
    isCommon: true,
    peer: 'knows the classic service only',
    ours: '`Webservice.get` and `Webservice.list` also look for online endpoints, and for services on this machine',
    explains: ({ kind, exchange }, { steps }) =>
      kind === 'further request' &&
      exchange?.path.startsWith(`${WORKSPACE_PATH}/onlineEndpoints`) === true &&
      steps.some(
        ({ do: name, beside }) => /^(get|list)$/.test(name) && (beside['class'] ?? 'Webservice') === 'Webservice',
      ),
  },
  {
    id: 'workspace-version',
    peer: 'reads the workspace with api-version 2022-05-01',
    ours: 'reads it with the version of the named management client',
    explains: ({ kind, part, path, exchange }) =>
      kind === 'other request' && part === 'query' && path?.[0] === 'api-version' && exchange?.path === WORKSPACE_PATH,
  },
  {
    id: 'class-filter',
    peer: 'lists services of every kind from every class',
    ours: 'lists the kind of the class, and asks the service for no other',
    explains: ({ kind, part, path, recorded, ours, step }, { steps }) =>
      steps.some(({ do: name, beside }) => name === 'list' && (beside['class'] ?? 'Webservice') !== 'Webservice') &&
      ((kind === 'other request' && part === 'query' && path?.[0] === 'computeType' && recorded === undefined) ||
        (kind === 'other result' &&
          steps[step ?? -1]?.do === 'list' &&
          (ours === undefined || typeof recorded === 'string'))),
  },
  {
    id: 'polls-until-the-time-is-over',
    peer: 'looks at the time before each sleep of 5 s, so that a wait takes up to 5 s longer than asked for',
    ours: 'ends the wait when its time is over',
    explains: ({ kind, exchange }, { scenario }) =>
      (kind === 'missing request' || kind === 'further request') &&
      /exceeded timeout/.test(scenario.error?.message ?? '') &&
      /\/operations\//.test(exchange?.path ?? ''),
  },
  {
    id: 'foreign-host',
    peer: "follows the link to a list's next page to any host, with the caller's token",
    ours: 'sends the token to the hosts of the workspace only (`FOREIGN_HOST`)',
    explains: (difference) => difference.kind === 'other error' && ourCode(difference) === 'FOREIGN_HOST',
  },
];

function wasAnswered(
  { outcome }: Scene,
  { method, path }: { readonly method: string; readonly path: string },
  fits: (status: number) => boolean,
): boolean {
  return outcome.exchanges.some(
    (exchange) => exchange.method === method && exchange.path === path && fits(exchange.answer.status),
  );
}
