import { processSingleton, type RequestContext } from '@azureml-ts/common';
import { withOneMore } from '../format/with-one-more.ts';
import type { Correlations } from './correlations.ts';

/** Calls that one request remembers: further ones are not paired, and a request that never ends does not fill memory. */
const MAX_CALLS = 10_000;
/** With more inputs than this, looking for one by its id needs an index. */
const FEW = 8;

/**
 * What one request remembers of the calls of one model. Each served request has one of these: what most never need is made
 * when it is needed. Plain data, because several copies of this package may share it.
 */
export interface RequestCalls {
  readonly model: string;
  /** What the inputs calls are tied to, in order; `undefined` while there are none. */
  inputs: Correlations[] | undefined;
  /** Whether one of them has values that came from outside, which have to be looked at again. */
  hasOutside: boolean;
  /** Where an inputs call stands, by its id. */
  indexes: Map<string, number> | undefined;
  others: OtherSide[] | undefined;
}

/** Which inputs have a call of another designation. */
interface OtherSide {
  readonly designation: string;
  /** All before this one have it. */
  next: number;
  /** Those behind it that have it too. */
  ahead: Set<number> | undefined;
}

// One key in the whole process: inputs and predictions may be collected by two copies of this package.
const requestCalls = processSingleton('request-calls', 3, () => ({ key: Symbol('azureml-ts request calls') }));

/** What a request remembers of a model. */
export function callsOf({ state }: RequestContext, model: string): RequestCalls {
  const all = state.get(requestCalls.key) as RequestCalls[] | undefined;
  const known = all?.find((one) => one.model === model);
  if (known !== undefined) {
    return known;
  }
  const calls = { model, inputs: undefined, hasOutside: false, indexes: undefined, others: undefined };
  state.set(requestCalls.key, withOneMore(all, calls));
  return calls;
}

/** Remembers an inputs call, for those that will belong to it. */
export function rememberInputs(calls: RequestCalls, correlations: Correlations): void {
  const count = calls.inputs?.length ?? 0;
  if (count < MAX_CALLS) {
    calls.indexes?.set(correlations.correlationId, count);
    calls.inputs = withOneMore(calls.inputs, correlations);
  }
}

/**
 * The inputs that a call of another designation belongs to.
 *
 * @param calls What the request remembers.
 * @param designation Of the call.
 * @param named The inputs that the caller names; without it, the first that have no such call yet.
 */
export function pairedInputs(
  calls: RequestCalls,
  designation: string,
  named: Correlations | undefined,
): Correlations | undefined {
  const side = otherSide(calls, designation);
  const index = named === undefined ? side.next : indexOf(calls, named.correlationId);
  if (index === undefined || (side.ahead?.size ?? 0) >= MAX_CALLS) {
    return undefined;
  }
  // Also where there are no inputs (yet): the n-th call stays the n-th.
  take(side, index);
  return named ?? calls.inputs?.[index];
}

function otherSide(calls: RequestCalls, designation: string): OtherSide {
  const known = calls.others?.find((one) => one.designation === designation);
  if (known !== undefined) {
    return known;
  }
  const side = { designation, next: 0, ahead: undefined };
  calls.others = withOneMore(calls.others, side);
  return side;
}

function take(side: OtherSide, index: number): void {
  if (index > side.next) {
    side.ahead ??= new Set();
    side.ahead.add(index);
  } else if (index === side.next) {
    do {
      side.next += 1;
    } while (side.ahead?.delete(side.next) === true);
  }
}

function indexOf(calls: RequestCalls, correlationId: string): number | undefined {
  const { inputs = [] } = calls;
  if (inputs.length <= FEW && calls.indexes === undefined) {
    const index = inputs.findLastIndex((one) => one.correlationId === correlationId);
    return index < 0 ? undefined : index;
  }
  calls.indexes ??= new Map(inputs.map((one, index) => [one.correlationId, index]));
  return calls.indexes.get(correlationId);
}
