import { meaningOf, ourError, sameMeaning } from './error-meanings.ts';
import { type Exchange, hasBody, requestLine } from './exchange.ts';
import { jsonDifferences } from './json-differences.ts';
import { sameText } from './placeholders.ts';
import type { Outcome } from './play.ts';
import { UNRECORDED } from './replay-server.ts';
import type { Scenario } from './scenario-file.ts';

/** One difference between what was recorded and what ours does. */
export interface Difference {
  readonly kind: 'missing request' | 'further request' | 'other request' | 'other result' | 'other error';
  /** The request that differs, is missing or came too much. */
  readonly exchange?: Exchange;
  /** Part of the request. */
  readonly part?: 'query' | 'content type' | 'authorization' | 'body';
  /** Place in the body, or in the result. */
  readonly path?: readonly string[];
  /** The step that the result or the error is of. */
  readonly step?: number;
  readonly recorded: unknown;
  readonly ours: unknown;
}

/** Finds every difference between a scenario and what became of it. */
export function findDifferences(scenario: Scenario, outcome: Outcome): Difference[] {
  return [
    ...requestDifferences(scenario.requests, outcome.exchanges),
    ...errorDifferences(scenario, outcome),
    ...resultDifferences(scenario, outcome),
  ];
}

/** A difference in one line. */
export function differenceLine({ kind, exchange, part, path, step, recorded, ours }: Difference): string {
  const place = [part ?? [], path === undefined || path.length === 0 ? [] : path.join(' > ')].flat().join(' ');
  const subject = exchange === undefined ? (step === undefined ? '' : `step ${step}`) : requestLine(exchange);
  const values =
    kind === 'missing request' || kind === 'further request'
      ? ''
      : `: recorded ${short(recorded)}, ours ${short(ours)}`;
  return `${kind}: ${[subject, place].filter((text) => text !== '').join(', ')}${values}`;
}

function requestDifferences(recorded: readonly Exchange[], ours: readonly Exchange[]): Difference[] {
  return align(recorded, ours).flatMap(([left, right]): Difference[] => {
    if (left === undefined) {
      return right === undefined
        ? []
        : [{ kind: 'further request', exchange: right, recorded: undefined, ours: undefined }];
    }
    return right === undefined
      ? [{ kind: 'missing request', exchange: left, recorded: undefined, ours: undefined }]
      : comparePair(left, right);
  });
}

function comparePair(left: Exchange, right: Exchange): Difference[] {
  const base = { kind: 'other request' as const, exchange: left };
  const differences: Difference[] = jsonDifferences(grouped(left.query), grouped(right.query)).map((difference) => ({
    ...base,
    part: 'query',
    ...difference,
  }));
  // Without a body a content type says nothing.
  if ((hasBody(left) || hasBody(right)) && left.contentType !== right.contentType) {
    differences.push({ ...base, part: 'content type', recorded: left.contentType, ours: right.contentType });
  }
  if (!sameText(left.authorization ?? '', right.authorization ?? '')) {
    differences.push({ ...base, part: 'authorization', recorded: left.authorization, ours: right.authorization });
  }
  const bodies = [left, right].map(({ json, text }) => (text === null ? json : { text })) as [unknown, unknown];
  for (const difference of jsonDifferences(...bodies)) {
    differences.push({ ...base, part: 'body', ...difference });
  }
  return differences;
}

/** The values of each name of a query, in order. */
function grouped(query: Exchange['query']): Record<string, string[]> {
  const values: Record<string, string[]> = {};
  for (const [name, value] of query) {
    values[name] = [...(values[name] ?? []), value];
  }
  return values;
}

/** Pairs requests of the same method and path, in order, as many as can be (longest common subsequence). */
function align(
  recorded: readonly Exchange[],
  ours: readonly Exchange[],
): [Exchange | undefined, Exchange | undefined][] {
  const lengths = Array.from({ length: recorded.length + 1 }, () => new Array<number>(ours.length + 1).fill(0));
  const at = (row: number, column: number) => lengths[row]?.[column] ?? 0;
  const same = (row: number, column: number) =>
    recorded[row]?.method === ours[column]?.method && sameText(recorded[row]?.path ?? '', ours[column]?.path ?? '');
  for (let row = recorded.length - 1; row >= 0; row -= 1) {
    for (let column = ours.length - 1; column >= 0; column -= 1) {
      (lengths[row] as number[])[column] = same(row, column)
        ? at(row + 1, column + 1) + 1
        : Math.max(at(row + 1, column), at(row, column + 1));
    }
  }
  const pairs: [Exchange | undefined, Exchange | undefined][] = [];
  let [row, column] = [0, 0];
  while (row < recorded.length || column < ours.length) {
    if (row < recorded.length && column < ours.length && same(row, column)) {
      pairs.push([recorded[row++], ours[column++]]);
    } else if (column >= ours.length || (row < recorded.length && at(row + 1, column) >= at(row, column + 1))) {
      pairs.push([recorded[row++], undefined]);
    } else {
      pairs.push([undefined, ours[column++]]);
    }
  }
  return pairs;
}

function errorDifferences({ error, errorAt }: Scenario, { errors }: Outcome): Difference[] {
  const differences: Difference[] = [];
  const recorded = error === null ? null : { ...error, meaning: meaningOf(error) };
  for (const [step, thrown] of errors) {
    const isThere = recorded !== null && step === errorAt;
    const ours = ourError(thrown);
    if (isThere && ours.message.includes(UNRECORDED)) {
      // Ours was not refused but went on, to where the recording has no answers: the further requests tell of it.
      differences.push({ kind: 'other error', step, recorded, ours: null });
    } else if (!isThere || !sameMeaning(recorded, thrown)) {
      differences.push({ kind: 'other error', step, recorded: isThere ? recorded : null, ours });
    }
  }
  if (recorded !== null && errorAt !== null && !errors.has(errorAt)) {
    differences.push({ kind: 'other error', step: errorAt, recorded, ours: null });
  }
  return differences;
}

function resultDifferences({ resultOf, result }: Scenario, { values }: Outcome): Difference[] {
  if (resultOf === null) {
    return [];
  }
  const pairs =
    typeof resultOf === 'number'
      ? [[resultOf, result] as const]
      : resultOf.map((step, index) => [step, Array.isArray(result) ? result[index] : undefined] as const);
  return pairs.flatMap(([step, recorded]) =>
    jsonDifferences(recorded, values[step] ?? null).map((difference) => ({
      kind: 'other result' as const,
      step,
      ...difference,
    })),
  );
}

function short(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > 300 ? `${text.slice(0, 300)}...` : text;
}
