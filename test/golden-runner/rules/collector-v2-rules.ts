import { isRounded, isWithoutPoint } from '../collector-v2/body-tokens.ts';
import type { CollectorDifference } from '../collector-v2/compare-case.ts';
import type { Played } from '../collector-v2/play-case.ts';
import type { RecordedCase } from '../collector-v2/recorded-case.ts';
import type { RuleText } from './rule.ts';

/** What a rule may look at. Never the name of a case. */
export interface CollectorScene {
  readonly recorded: Omit<RecordedCase, 'name' | 'note'>;
  readonly played: Played;
  readonly differences: readonly CollectorDifference[];
}

/** A difference that is meant. */
export interface CollectorRule extends RuleText {
  /** It shows in nearly every case, so that it is not told beside each. Default `false`. */
  readonly isCommon?: boolean;
  explains(difference: CollectorDifference, scene: CollectorScene): boolean;
}

const PASSING = new Set([408, 425, 429]);
const TAKEN = new Set(['list', 'dict', 'tuple', 'Series', 'ndarray']);

function typeOf(data: unknown): unknown {
  return (data as { readonly $type?: unknown } | null)?.$type;
}

/** Whether a step gave rows in a form that only ours takes. */
function givesOtherRows({ recorded }: CollectorScene): boolean {
  return (recorded.steps ?? []).some(
    ({ do: kind, fields }) =>
      kind === 'collect' && TAKEN.has(String(typeOf(fields['data'] ?? null) ?? typeOf(recorded.input))),
  );
}

function diesThere({ recorded }: CollectorScene): boolean {
  return (recorded.steps ?? []).some(({ expect }) => expect['senderAlive'] === false);
}

/** Share that is kept, where records are sampled there, or should be. */
function percentageOf({ recorded }: CollectorScene): number | undefined {
  const { collections = {} } = (recorded.configFile?.content ?? {}) as {
    readonly collections?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  };
  const asked = Object.values(collections).flatMap(
    (collection) => collection['sampleRatePercentage'] ?? collection['sampling_percentage'] ?? [],
  );
  const set = recorded.percentage ?? recorded.environment['AZUREML_MDC_SAMPLE_RATE'] ?? asked[0];
  const percentage = Number(set);
  return set !== undefined && percentage < 100 ? percentage : undefined;
}

/** Whether ours keeps as many as chance allows for the share, within six standard deviations. */
function keepsTheShare(scene: CollectorScene): boolean {
  const percentage = percentageOf(scene);
  if (percentage === undefined) {
    return false;
  }
  const attempted = (scene.recorded.steps ?? []).reduce(
    (sum, { do: kind, fields }) => sum + (kind === 'collect' ? Number(fields['repeat'] ?? 1) : 0),
    0,
  );
  const share = percentage / 100;
  const kept = scene.played.requests.length;
  return Math.abs(kept - attempted * share) <= 6 * Math.sqrt(attempted * share * (1 - share)) + 1;
}

/** Whether a collector's name is in the file but for its case. */
function isNamedInOtherCase({ recorded }: CollectorScene): boolean {
  const { collections = {} } = (recorded.configFile?.content ?? {}) as { readonly collections?: object };
  return (recorded.steps ?? []).some(({ do: kind, fields }) => {
    const name = String(fields['name']);
    return (
      kind === 'construct' &&
      Object.keys(collections).some((key) => key.toLowerCase() === name.toLowerCase()) &&
      name !== name.toLowerCase()
    );
  });
}

/** Whether the file has `enabled` as a text. */
function hasTextSwitch({ recorded }: CollectorScene): boolean {
  return /"enabled":"(false|no|off|0|)"/i.test(JSON.stringify(recorded.configFile?.content ?? {}));
}

const hasOverflow = ({ recorded }: CollectorScene) =>
  (recorded.steps ?? []).some(({ fields }) => Number(fields['repeat'] ?? 0) > 1) &&
  recorded.environment['AZUREML_MDC_QUEUE_CAPACITY'] === undefined;

const isSet = ({ recorded }: CollectorScene, name: string) => recorded.environment[name]?.toLowerCase() === 'true';

/** Rules about the second-generation collector. */
export const COLLECTOR_RULES: readonly CollectorRule[] = [
  {
    id: 'always-tells',
    isCommon: true,
    peer: 'gives back the context that was given, and one that tells whether the record was taken in debug mode only',
    ours: 'always gives back one that tells it (`isSuccess()`, `message`), with the same id, time and headers',
    explains: ({ kind, field }) => kind === 'returned' && (field === 'class' || field === 'sameAs'),
  },
  {
    id: 'scoring-goes-on',
    peer: 'raises what is wrong at the caller, from the constructor or from `collect`, unless a handler is given; some errors pass by the handler',
    ours: 'never breaks scoring: the error is logged once, told to `onError` with a code of the same meaning, and the answer says so; `onError: (error) => { throw error; }` raises as the peer does',
    explains: ({ kind, recorded, ours }) => kind === 'raised' && recorded === ours,
  },
  {
    id: 'more-kinds-of-rows',
    peer: 'takes data frames only',
    ours: 'takes lists, records, columns, typed arrays and tensors, which are what rows are in JavaScript',
    explains: (difference, scene) =>
      givesOtherRows(scene) &&
      ((['raised', 'errors'].includes(difference.kind) &&
        JSON.stringify(difference.recorded).includes('unsupported-data-type')) ||
        difference.kind === 'further request' ||
        (difference.kind === 'returned' && ['isSuccess', 'message'].includes(difference.field ?? ''))),
  },
  {
    id: 'sender-lives',
    peer: 'loses its sender, without a word, over an id outside of Latin-1, a half of a surrogate pair or a name that is there twice, and all records after it',
    ours: 'sends the record: the id percent-encoded as CloudEvents says, the half as U+FFFD; a name that is there twice is refused and told of, since one object cannot hold both. What comes after it is sent',
    explains: ({ kind, ours }, scene) =>
      diesThere(scene) &&
      (kind === 'sender' ||
        kind === 'further request' ||
        (kind === 'errors' && JSON.stringify(ours) === '["invalid-rows"]')),
  },
  {
    id: 'copied-at-collect',
    peer: 'writes a frame when it is sent, with what the caller has changed in it meanwhile',
    ours: 'writes it within `collect`',
    explains: ({ kind, tokens }, { recorded }) =>
      kind === 'body' &&
      tokens !== undefined &&
      (recorded.steps ?? []).some(
        ({ do: step, fields }) => step === 'set' && JSON.stringify(fields['value']) === tokens.recorded,
      ),
  },
  {
    id: 'all-digits',
    peer: 'writes floats with ten decimals, or ten digits, and minus zero without its sign',
    ours: 'writes every digit that tells a float from its neighbours, and the sign',
    explains: ({ kind, tokens }) => kind === 'body' && tokens !== undefined && isRounded(tokens),
  },
  {
    id: 'one-kind-of-number',
    peer: 'tells floats from integers in every cell',
    ours: 'writes a point where a column is declared as float, is a typed array of floats, or has a number with a fraction: elsewhere, within objects for example, JavaScript has one kind of number',
    explains: ({ kind, tokens }) => kind === 'body' && tokens !== undefined && isWithoutPoint(tokens),
  },
  {
    id: 'tries-again',
    peer: 'loses a record after an answer of 408, 429 or 500 and above, and when nothing answers',
    ours: 'sends it again, under the same `trace-id`, until it is taken',
    explains: ({ kind, request }, { played }) =>
      kind === 'repeated request' &&
      played.requests.some(
        (other) =>
          other.header('trace-id') === request?.header('trace-id') &&
          (other.status >= 500 || other.status === 0 || PASSING.has(other.status)),
      ),
  },
  {
    id: 'names-in-any-case',
    peer: 'puts the names of the file in lower case, but not those of collectors: one with a capital letter collects nothing',
    ours: 'compares both whatever their case',
    explains: ({ kind, recorded }, scene) =>
      isNamedInOtherCase(scene) &&
      (kind === 'further request' || (kind === 'errors' && JSON.stringify(recorded).includes('collection-disabled'))),
  },
  {
    id: 'text-of-a-switch',
    peer: 'takes `"false"` in the file for on',
    ours: 'takes it for off',
    explains: ({ kind }, scene) => hasTextSwitch(scene) && ['missing request', 'errors', 'enabled'].includes(kind),
  },
  {
    id: 'sampling-by-id',
    peer: 'draws a random number for each record, and does not read the key `sampling_percentage` that local deployments write',
    ours: 'decides by a hash of the correlation id, so that inputs and outputs are kept together, and reads both keys',
    explains: ({ kind, field }, scene) =>
      (['missing request', 'further request', 'header', 'body'].includes(kind) ||
        (kind === 'returned' && ['isSuccess', 'message'].includes(field ?? ''))) &&
      keepsTheShare(scene),
  },
  {
    id: 'no-limit-of-records',
    peer: 'has room for 1,500 records, and raises for the next',
    ours: 'is bounded by bytes (`maxBufferBytes`); `AZUREML_MDC_QUEUE_CAPACITY` or `maxRecords` set a limit of records',
    explains: ({ kind, recorded, field }, scene) =>
      (kind === 'setting' && field === 'queueCapacity') ||
      (hasOverflow(scene) &&
        ((kind === 'errors' && JSON.stringify(recorded).includes('queue-full')) ||
          kind === 'further request' ||
          kind === 'accepted' ||
          (kind === 'returned' && ['isSuccess', 'message'].includes(field ?? '')))),
  },
  {
    id: 'one-connection',
    peer: 'has a number of threads that send (`AZUREML_MDC_WORKER_COUNT`), or none (`AZUREML_MDC_WORKER_DISABLED`)',
    ours: 'sends over one kept-alive connection, in order; these settings are not read',
    explains: ({ kind, field }, scene) =>
      (kind === 'setting' && /^worker/.test(field ?? '')) ||
      (kind === 'further request' && isSet(scene, 'AZUREML_MDC_WORKER_DISABLED')),
  },
  {
    id: 'always-json',
    peer: 'sends frames as pandas prints them, cut to what fits a screen, when `AZUREML_MDC_FORMAT_COMPACT` is set',
    ours: 'sends JSON, and says so once',
    explains: ({ kind, field }, scene) =>
      isSet(scene, 'AZUREML_MDC_FORMAT_COMPACT') &&
      (kind === 'body' || (kind === 'header' && /^content-/.test(field ?? ''))),
  },
  {
    id: 'settings-not-shown',
    peer: 'has an object of its settings',
    ours: 'has none: what they do is seen from what is sent, and is compared there',
    explains: ({ kind }) => kind === 'setting',
  },
];
