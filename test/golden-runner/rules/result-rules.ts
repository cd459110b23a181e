import { CRASHES, meaningOf } from '../error-meanings.ts';
import { hasFailedOperation, ourCode, peerError, type ScenarioRule } from './rule.ts';

const MASKED = '[redacted]';

/** Rules about what comes out. */
export const RESULT_RULES: readonly ScenarioRule[] = [
  {
    id: 'secrets-masked',
    peer: 'shows the private key of a certificate in `serialize()`',
    ours: 'masks secrets wherever a service is shown',
    explains: ({ kind, path, ours }) =>
      kind === 'other result' && ours === MASKED && /(key|certificate|secret|password)$/i.test(path?.at(-1) ?? ''),
  },
  {
    id: 'aci-collection-shown',
    peer: 'drops `dataCollection` of an ACI service, though the service sends it',
    ours: 'shows it',
    explains: ({ kind, path, recorded }) =>
      kind === 'other result' && recorded === undefined && path?.[0] === 'dataCollection',
  },
  {
    id: 'more-is-shown',
    peer: 'leaves fields of the service out of `serialize()`',
    ours: 'shows them',
    explains: ({ kind, path, step, recorded }, { steps }) =>
      kind === 'other result' && recorded === undefined && path?.length === 1 && steps[step ?? -1]?.do === 'serialize',
  },
  {
    id: 'class-gets-its-own-kind',
    peer: 'gives an object of another class when a class is asked for a service of another kind',
    ours: 'says which kind the service is (`WEBSERVICE_OF_OTHER_KIND`)',
    explains: (difference, { steps, outcome }) => {
      const refused = [...outcome.errors].some(
        ([step, error]) =>
          steps[step]?.do === 'get' && (error as { code?: unknown }).code === 'WEBSERVICE_OF_OTHER_KIND',
      );
      return refused && difference.kind !== 'other request';
    },
  },
  {
    id: 'deletion-told',
    peer: 'raises nothing when a deletion fails, and keeps the state Deleting when it is done',
    ours: 'raises the failure (`DEPLOYMENT_FAILED`), and has the state Deleted when the service is gone',
    explains: (difference, scene) => {
      const { kind, step, ours } = difference;
      const deletes = scene.steps.findIndex(({ do: name }) => name === 'delete');
      return (
        deletes !== -1 &&
        ((kind === 'other error' &&
          step === deletes &&
          hasFailedOperation(scene) &&
          ourCode(difference) === 'DEPLOYMENT_FAILED') ||
          (kind === 'other result' &&
            (step ?? 0) > deletes &&
            /^(Deleted|Failed|Healthy|Unhealthy)$/.test(String(ours))))
      );
    },
  },
  {
    id: 'logs-are-text',
    peer: 'gives `None` for a log that is `null`',
    ours: 'gives an empty text',
    explains: ({ kind, step, recorded, ours }, { steps }) =>
      kind === 'other result' && steps[step ?? -1]?.do === 'getLogs' && recorded === null && ours === '',
  },
  {
    id: 'log-lines-checked',
    peer: 'sends any number of log lines, negative ones too',
    ours: 'refuses what is no number of lines',
    explains: (difference, { steps, outcome }) => {
      const refused = [...outcome.errors].some(([step, error]) => {
        const lines = steps[step]?.args['num_lines'];
        return (
          steps[step]?.do === 'getLogs' &&
          (error as { code?: unknown }).code === 'VALIDATION' &&
          !(typeof lines === 'number' && Number.isInteger(lines) && lines >= 0)
        );
      });
      return refused && difference.kind !== 'other request' && difference.kind !== 'further request';
    },
  },
  {
    id: 'status-told',
    peer: 'looks at no status of a token, a key or a repeated answer, and tells of a missing field or of bad JSON in its place',
    ours: 'tells the status that was answered',
    explains: ({ kind, recorded, ours }, { scenario }) => {
      const status = scenario.requests.at(-1)?.answer.status ?? 0;
      return (
        kind === 'other error' &&
        recorded !== null &&
        !(recorded as { readonly meaning: string }).meaning.startsWith('status ') &&
        status >= 300 &&
        (ours as { statusCode?: number } | null)?.statusCode === status
      );
    },
  },
  {
    id: 'texts-of-scripts',
    peer: 'fails with a JSON error when a script answers something else than JSON',
    ours: 'gives the text, or the bytes, by the content type of the answer',
    explains: ({ kind, step, recorded, ours }, { steps }) =>
      kind === 'other error' &&
      ours === null &&
      steps[step ?? -1]?.do === 'run' &&
      (recorded as { readonly type?: string } | null)?.type === 'JSONDecodeError',
  },
  {
    id: 'less-is-enough',
    peer: 'refuses a service whose answer lacks a field, needed or not',
    ours: 'takes what is there; what is missing is `undefined`',
    explains: (difference, { scenario }) =>
      /payload, missing/.test(scenario.error?.message ?? '') &&
      (difference.kind === 'further request' || (difference.kind === 'other error' && difference.ours === null)),
  },
  {
    id: 'crashes-not-copied',
    peer: 'ends with an error of its own code (`AttributeError`, `TypeError`, `KeyError`, ...) before or after a request',
    ours: 'does what was asked, or says what is wrong',
    explains: (difference, { scenario }) => {
      const { error } = scenario;
      return (
        error !== null &&
        CRASHES.test(error.type) &&
        meaningOf(error) === error.message &&
        (difference.kind === 'further request' ||
          (difference.kind === 'other error' && (difference.ours === null || ourCode(difference) !== undefined)))
      );
    },
  },
  {
    id: 'key-is-made',
    peer: 'fails after a key was made anew, when the service answers 200 with the keys',
    ours: 'takes that for done',
    explains: ({ kind, ours, ...rest }, { scenario }) =>
      kind === 'other error' &&
      ours === null &&
      /operation location/i.test(peerError({ kind, ours, ...rest })?.message ?? '') &&
      scenario.requests.some(({ path, answer }) => path.endsWith('/regenerateKeys') && answer.status === 200),
  },
  {
    id: 'waits-without-operation',
    peer: 'cannot wait for a service that it did not itself begin to change',
    ours: 'waits for the state of the service',
    explains: ({ kind, exchange, recorded }, { scenario }) =>
      /operation information not known/.test(scenario.error?.message ?? '') &&
      ((kind === 'other error' && recorded !== null) ||
        (kind === 'further request' && /\/services\/[^/]+$/.test(exchange?.path ?? ''))),
  },
  {
    id: 'aci-collects',
    peer: 'has no `collect_model_data` in `AciWebservice.update`',
    ours: 'has it: the service takes it',
    explains: ({ kind, ours }, { scenario }) =>
      /AciWebservice.*'collect_model_data'/.test(scenario.error?.message ?? '') &&
      (kind === 'further request' || (kind === 'other error' && ours === null)),
  },
  {
    id: 'scales-already',
    peer: 'refuses numbers of autoscaling when `autoscale_enabled=True` is not in the same call, even if the service scales already',
    ours: 'takes them then',
    explains: ({ kind, ours }, { scenario }) =>
      /provided without enabling autoscaling/.test(scenario.error?.message ?? '') &&
      scenario.requests.some(
        ({ answer }) =>
          (answer.json as { autoScaler?: { autoscaleEnabled?: unknown } } | undefined)?.autoScaler?.autoscaleEnabled ===
          true,
      ) &&
      (kind === 'further request' || (kind === 'other error' && ours === null)),
  },
];
