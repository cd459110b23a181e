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

const RETRIABLE = new Set([408, 429, 439, 500, 502, 503, 504]);
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
  const faults = readFaults(text, count);
  if (status === 200 || status === 206) {
    return judgeItems(status, faults, count);
  }
  const all = allOf(count);
  const first = faults?.[0] === undefined ? '' : `: ${faults[0].message}`;
  const told = { problem: `the service answered ${status}${first}`, cause: `status ${status}` };
  if (RETRIABLE.has(status)) {
    return { retry: all, rejected: new Set(), ...told, reason: status === 439 ? 'daily cap' : undefined };
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
  for (const { index, statusCode, message } of faults ?? []) {
    (RETRIABLE.has(statusCode) && !SAMPLED_OUT.test(message) ? retry : rejected).add(index);
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
      };
}

function readFaults(text: string, count: number): ItemFault[] | undefined {
  try {
    const { errors } = JSON.parse(text) as { errors?: unknown };
    if (!Array.isArray(errors)) {
      return undefined;
    }
    return errors
      .map((error: Partial<Record<keyof ItemFault, unknown>> | null) => ({
        index: Number(error?.index),
        statusCode: Number(error?.statusCode),
        message: String(error?.message ?? 'no reason given').slice(0, 300),
      }))
      .filter(({ index }) => Number.isInteger(index) && index >= 0 && index < count);
  } catch {
    return undefined;
  }
}

function allOf(count: number): Set<number> {
  return new Set(Array.from({ length: count }, (_, index) => index));
}
