/** What the service said about a batch. @internal */
export interface Verdict {
  /** Places in the batch of items to send again. */
  readonly retry: ReadonlySet<number>;
  /** Places of items that are refused for good. */
  readonly rejected: ReadonlySet<number>;
  /** What went wrong, in words; `undefined` when all were taken. */
  readonly problem?: string | undefined;
  /** Names the kind of problem, so that each is logged once. */
  readonly cause?: string | undefined;
  /** Why the items that come back do so, where that changes how they are sent. */
  readonly reason?: 'too large' | 'one faulty' | 'daily cap' | undefined;
}

const RETRIABLE = new Set([408, 429, 439]);
const DAILY_CAP = 439;
/** With a credential, the next token, or a role that is only just being given, may change the answer. */
const RETRIABLE_WITH_CREDENTIAL = new Set([401, 403]);
/** The service's own decision, which sending again would not change. */
const SAMPLED_OUT = /^telemetry sampled out/i;

interface ItemFault {
  readonly index: number;
  readonly statusCode: number;
  readonly message: string;
}

/**
 * Decides about each item of a batch from the status and text of the answer.
 *
 * @internal
 */
export function judge(status: number, text: string, count: number, hasCredential = false): Verdict {
  const { faults, accepted } = readAnswer(text, count);
  if (status === 200 || status === 206) {
    return withUnnamed(judgeItems(status, faults, count), accepted, count);
  }
  const all = allOf(count);
  const first = faults?.[0] === undefined ? '' : `: ${faults[0].message}`;
  const told = { problem: `the service answered ${status}${first}`, cause: `status ${status}` };
  if (isRetriable(status)) {
    return { retry: all, rejected: new Set(), ...told, reason: status === DAILY_CAP ? 'daily cap' : undefined };
  }
  if (RETRIABLE_WITH_CREDENTIAL.has(status)) {
    return hasCredential
      ? { retry: all, rejected: new Set(), ...told, problem: `${told.problem} to the token of the credential` }
      : { retry: new Set(), rejected: all, ...told, problem: `${told.problem} (it may want a credential)` };
  }
  if (status === 413 && count > 1) {
    return { retry: all, rejected: new Set(), ...told, reason: 'too large' };
  }
  if (status === 400) {
    // Some clean items went down with the faulty ones that are named.
    const named = new Set((faults ?? []).map(({ index }) => index));
    if (named.size > 0 && named.size < count) {
      const clean = new Set([...all].filter((index) => !named.has(index)));
      return { retry: clean, rejected: named, ...told, reason: 'one faulty' };
    }
  }
  return { retry: new Set(), rejected: all, ...told };
}

function judgeItems(status: number, faults: readonly ItemFault[] | undefined, count: number): Verdict {
  if (faults === undefined && status === 206) {
    const problem = 'the service took only a part of the items (206) and did not say which';
    return { retry: new Set(), rejected: allOf(count), problem, cause: 'unreadable 206' };
  }
  const retry = new Set<number>();
  const rejected = new Set<number>();
  let isCapped = false;
  for (const { index, statusCode, message } of faults ?? []) {
    const comesBack = isRetriable(statusCode) && !SAMPLED_OUT.test(message);
    isCapped ||= comesBack && statusCode === DAILY_CAP;
    (comesBack ? retry : rejected).add(index);
  }
  // An item that is named twice, with two answers, is not sent again.
  for (const index of rejected) {
    retry.delete(index);
  }
  const first = (faults ?? []).find(({ index }) => rejected.has(index)) ?? faults?.[0];
  return first === undefined
    ? { retry, rejected }
    : {
        retry,
        rejected,
        problem: `the service refused ${rejected.size + retry.size} of ${count} items: ${first.statusCode} ${first.message}`,
        cause: `item ${first.statusCode}`,
        reason: isCapped && retry.size > 0 ? 'daily cap' : undefined,
      };
}

/** Believes the service's own count: what it did not take, and did not name either, is refused. Which items, nobody knows. */
function withUnnamed(verdict: Verdict, accepted: number | undefined, count: number): Verdict {
  const named = verdict.retry.size + verdict.rejected.size;
  const missing = accepted === undefined ? 0 : count - named - accepted;
  if (missing <= 0) {
    return verdict;
  }
  const others = [...allOf(count)].filter((index) => !verdict.retry.has(index) && !verdict.rejected.has(index));
  return {
    ...verdict,
    rejected: new Set([...verdict.rejected, ...others.slice(0, missing)]),
    problem: `the service took fewer items than it named: ${accepted} of ${count}, and said nothing of ${missing}`,
    cause: 'unnamed items',
  };
}

function isRetriable(status: number): boolean {
  return RETRIABLE.has(status) || (status >= 500 && status <= 599);
}

/** What the text of an answer says; an error that names no place is left out. */
function readAnswer(
  text: string,
  count: number,
): { readonly faults?: ItemFault[] | undefined; readonly accepted?: number | undefined } {
  try {
    const { errors, itemsAccepted } = JSON.parse(text) as { errors?: unknown; itemsAccepted?: unknown };
    const accepted =
      typeof itemsAccepted === 'number' && Number.isInteger(itemsAccepted) && itemsAccepted >= 0
        ? itemsAccepted
        : undefined;
    return { faults: Array.isArray(errors) ? faultsOf(errors, count) : undefined, accepted };
  } catch {
    return {};
  }
}

function faultsOf(
  errors: readonly (Partial<Record<keyof ItemFault, unknown>> | null | undefined)[],
  count: number,
): ItemFault[] {
  return errors
    .map((error) => ({
      index: placeOf(error?.index),
      statusCode: Number(error?.statusCode),
      message: String(error?.message ?? 'no reason given').slice(0, 300),
    }))
    .filter(({ index }) => Number.isInteger(index) && index >= 0 && index < count);
}

/** `Number` alone would read nothing at all as 0. */
function placeOf(index: unknown): number {
  const isPlace = typeof index === 'number' || (typeof index === 'string' && /^\d+$/.test(index));
  return isPlace ? Number(index) : Number.NaN;
}

function allOf(count: number): Set<number> {
  return new Set(Array.from({ length: count }, (_, index) => index));
}
