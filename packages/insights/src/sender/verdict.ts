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
}

const RETRIABLE = new Set([408, 429, 439, 500, 502, 503, 504]);
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
export function judge(status: number, text: string, count: number): Verdict {
  const faults = readFaults(text, count);
  if (status === 200 || status === 206) {
    return judgeItems(status, faults, count);
  }
  const all = new Set(Array.from({ length: count }, (_, index) => index));
  const first = faults?.[0] === undefined ? '' : `: ${faults[0].message}`;
  const problem = `the service answered ${status}${first}`;
  return RETRIABLE.has(status)
    ? { retry: all, rejected: new Set(), problem, cause: `status ${status}` }
    : { retry: new Set(), rejected: all, problem, cause: `status ${status}` };
}

function judgeItems(status: number, faults: readonly ItemFault[] | undefined, count: number): Verdict {
  if (faults === undefined && status === 206) {
    const all = Array.from({ length: count }, (_, index) => index);
    const problem = 'the service took only a part of the items (206) and did not say which';
    return { retry: new Set(), rejected: new Set(all), problem, cause: 'unreadable 206' };
  }
  const retry = new Set<number>();
  const rejected = new Set<number>();
  for (const { index, statusCode, message } of faults ?? []) {
    (RETRIABLE.has(statusCode) && !SAMPLED_OUT.test(message) ? retry : rejected).add(index);
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
