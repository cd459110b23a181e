import { isDeepStrictEqual } from 'node:util';
import { systemClock } from '@azureml-ts/common';
import { type CollectReceipt, ModelDataCollector } from '@azureml-ts/monitoring';
import { anyObject, type Json, strictList, strictText, UnreadableCase } from '../strict.ts';
import { featuresOf, type JsInput, jsInput } from './js-input.ts';

/** What our collector did with a case. */
export interface Played {
  readonly receipts: readonly CollectReceipt[];
  /** Differences of returned values. */
  readonly lines: readonly string[];
  readonly inputs: readonly JsInput[];
  /** What the constructor threw. */
  readonly refused: string | undefined;
  /** Ids that our collector made, with those that were recorded in their place. */
  readonly ids: ReadonlyMap<string, string>;
}

const SETTINGS = [
  ...['model_name', 'designation', 'feature_names', 'workspace', 'webservice_name', 'model_version', 'collection_name'],
];
const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Plays the calls of a case. */
export async function playCollecting(recorded: Json, connectionString: string): Promise<Played> {
  const calls = strictList(recorded['calls'], 'calls').map((call) => anyObject(call, 'a call'));
  const settings = anyObject(recorded['constructor'], 'constructor');
  const unknown = Object.keys(settings).find((name) => !SETTINGS.includes(name));
  if (unknown !== undefined) {
    throw new UnreadableCase(`the constructor has an argument that this runner does not know: ${unknown}`);
  }
  const inputs = calls.map((call) => jsInput(call['input']));
  const { restore } = setEnvironment(anyObject(recorded['environment'], 'environment'), connectionString);
  const fixed = anyObject(recorded['fixed'], 'fixed');
  try {
    let collector: ModelDataCollector;
    try {
      collector = open(settings, inputs, strictText(fixed['utcnow'], 'utcnow'));
    } catch (error) {
      return { receipts: [], lines: [], inputs, refused: String(error), ids: new Map() };
    }
    const played = await collectAll(collector, calls, inputs, Number(fixed['startAt'] ?? 1));
    return { ...played, inputs, refused: undefined };
  } finally {
    restore();
  }
}

function open(settings: Json, inputs: readonly JsInput[], utcnow: string): ModelDataCollector {
  const given = settings['feature_names'];
  const names = Array.isArray(given) ? (given as string[]) : namesInDoubt(inputs);
  const features = featuresOf(names, inputs);
  const [subscriptionId = '', resourceGroup = '', workspaceName = ''] = String(settings['workspace'] ?? '').split('/');
  const [, microseconds = '0'] = /\.(\d{6})/.exec(utcnow) ?? [];
  const now = Date.parse(`${utcnow.slice(0, 19)}Z`) + Number(microseconds) / 1_000;
  const text = (name: string) => (settings[name] ?? undefined) as string | undefined;
  return new ModelDataCollector(strictText(settings['model_name'], 'model_name'), {
    layout: 'python-v1',
    journal: false,
    designation: text('designation'),
    ...(features === undefined ? { featureNames: names } : { features }),
    ...(settings['workspace'] === undefined ? {} : { workspace: { subscriptionId, resourceGroup, workspaceName } }),
    webserviceName: text('webservice_name'),
    modelVersion: settings['model_version'] as string | number | undefined,
    collectionName: text('collection_name'),
    clock: { ...systemClock, now: () => now },
  });
}

/** Keys of objects that look like numbers come first in JavaScript: then the order of the columns has to be declared. */
function namesInDoubt(inputs: readonly JsInput[]): readonly string[] | undefined {
  const frame = inputs.find(({ names, value }) => names?.some((name, at) => Object.keys(value as object)[at] !== name));
  return frame?.names;
}

async function collectAll(
  collector: ModelDataCollector,
  calls: readonly Json[],
  inputs: readonly JsInput[],
  startAt: number,
): Promise<Pick<Played, 'receipts' | 'lines' | 'ids'>> {
  const receipts: CollectReceipt[] = [];
  const lines: string[] = [];
  const ids = new Map<string, string>();
  for (const [index, call] of calls.entries()) {
    const { how, value } = inputs[index] as JsInput;
    const own = call['user_correlation_id'];
    const options = typeof own === 'string' && own !== '' ? { correlationId: own } : {};
    let receipt: CollectReceipt;
    if (call['method'] === 'corr_collect') {
      const augmented = augment(collector, value, call['correlations']);
      if (call['augmented'] !== undefined && !sameValue(augmented, jsInput(call['augmented']).value)) {
        lines.push(
          `call ${index + 1}: add_correlations gave ${shown(jsInput(call['augmented']).value)}, ours ${shown(augmented)}`,
        );
      }
      receipt = collector.collect(augmented as object);
    } else if (how === 'row') {
      receipt = collector.collectRow(value as unknown[] as object, options);
    } else if (how === 'rows') {
      receipt = collector.collectRows(value as object[], options);
    } else {
      receipt = collector.collect(value as object, options);
    }
    receipts.push(receipt);
    const returned = call['returned'] ?? null;
    const uuid = UUID.exec(receipt.correlations.correlationId)?.[0];
    if (collector.stream.designation === 'inputs' && uuid !== undefined) {
      ids.set(uuid, `00000000-0000-0000-0000-${(startAt + index).toString(16).padStart(12, '0')}`);
    }
    if (returned !== null) {
      const ours = replaceAll(JSON.stringify(receipt.correlations), ids);
      if (ours !== JSON.stringify(returned)) {
        lines.push(`call ${index + 1}: returned ${JSON.stringify(returned)}, ours ${ours}`);
      }
    }
  }
  await collector.close();
  return { receipts, lines, ids };
}

/** Ids that are made by chance, as they were recorded. */
export function replaceAll(text: string, ids: ReadonlyMap<string, string>): string {
  let replaced = text;
  for (const [ours, theirs] of ids) {
    replaced = replaced.replaceAll(ours, theirs);
  }
  return replaced;
}

function augment(collector: ModelDataCollector, value: unknown, correlations: unknown): unknown {
  const { items } = anyObject(correlations, 'correlations');
  const given = items === undefined ? undefined : Object.fromEntries(items as [string, unknown][]);
  return (collector.addCorrelations as (data: unknown, given: unknown) => unknown)(value, given);
}

/** Arrays of one row are rows, and arrays of numbers are what they hold. */
function sameValue(ours: unknown, recorded: unknown): boolean {
  return isDeepStrictEqual(plain(ours), plain(recorded));
}

function plain(value: unknown): unknown {
  if (value instanceof Number) {
    return Number(value);
  }
  if (ArrayBuffer.isView(value)) {
    return Array.from(value as Float64Array);
  }
  if (Array.isArray(value)) {
    const items = value.map(plain);
    return items.length === 1 && Array.isArray(items[0]) ? items[0] : items;
  }
  return typeof value === 'object' && value !== null && !(value instanceof Date)
    ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner)]))
    : value;
}

function shown(value: unknown): string {
  return JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? `${inner}n` : (inner as unknown)));
}

function setEnvironment(environment: Json, connectionString: string): { restore: () => void } {
  const before = new Map<string, string | undefined>();
  const set = (name: string, value: string | undefined) => {
    if (!before.has(name)) {
      before.set(name, process.env[name]);
    }
    if (value === undefined) {
      delete process.env[name];
    } else {
      process.env[name] = value;
    }
  };
  for (const name of Object.keys(process.env).filter((known) =>
    /^(AML_MODEL_DC_|AZUREML_|SERVICE_NAME$)/.test(known),
  )) {
    set(name, undefined);
  }
  for (const [name, value] of Object.entries(environment)) {
    set(name, String(value).replace('{connectionString}', connectionString));
  }
  return {
    restore: () => {
      for (const [name, value] of before) {
        if (value === undefined) {
          delete process.env[name];
        } else {
          process.env[name] = value;
        }
      }
    },
  };
}
