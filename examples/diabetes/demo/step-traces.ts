import type { TelemetryItem, TelemetryStandIn } from '@azureml-ts/testing';
import type { Checks } from './checks.ts';
import type { SentRequest } from './scorer.ts';

const ARRIVAL_TIMEOUT_MS = 20_000;

/** What arrived at the telemetry endpoint. */
export interface Traces {
  readonly requests: number;
  readonly prints: number;
  /** One printed line as it arrived, and its request. */
  readonly sample: readonly string[];
}

/** Waits for the telemetry of every request sent while it was on, and holds it against the account. */
export async function checkTraces(
  checks: Checks,
  telemetry: TelemetryStandIn,
  sent: readonly SentRequest[],
  abortSignal: AbortSignal,
): Promise<Traces> {
  const expected = sent.filter(({ traced }) => traced);
  checks.progress(`telemetry of ${expected.length} requests`);
  await telemetry
    .waitFor(
      (items) => {
        const { prints, requests } = sortOut(items);
        return prints.length >= expected.length && requests.length >= expected.length;
      },
      { timeoutMs: ARRIVAL_TIMEOUT_MS, abortSignal },
    )
    .catch((error: unknown) => {
      // The checks below say what is missing.
      if ((error as { code?: unknown }).code !== 'TIMEOUT') {
        throw error;
      }
    });
  const { prints, requests, atStart } = sortOut(telemetry.items());

  checks.sameList(
    'one request item for each request sent while telemetry was on',
    requests.map(requestId).sort(),
    expected.map((request) => request.requestId).sort(),
  );
  checks.sameList(
    'what each of them printed arrived once, under the id of its request, and nothing else',
    prints.map((item) => `${requestId(item)} ${item.properties['Contents']}`).sort(),
    expected.map((request) => `${request.requestId} ${request.printed}`).sort(),
  );
  checks.same(
    'customDimensions contain "input" for every scored request',
    prints.filter((item) => item.properties['Contents']?.includes('"input"') === true).length,
    expected.filter(({ rows }) => rows.length > 0).length,
  );
  checks.same(
    'every request has an operation id',
    requests.filter((item) => /^[0-9a-f]{32}$/.test(item.tags['ai.operation.id'] ?? '')).length,
    requests.length,
  );
  checks.sameList(
    'printed lines and requests share their operation ids, one to one',
    prints.map(operation).sort(),
    requests.map(operation).sort(),
  );
  checks.holds(
    'the line printed by init() arrived too',
    atStart.some((item) => item.properties['Contents']?.startsWith('model initialized') === true),
    () => `outside requests came ${JSON.stringify(atStart.map((item) => item.properties['Contents']))}`,
  );
  return { requests: requests.length, prints: prints.length, sample: describeFirst(prints, requests) };
}

/** The first printed line beside its request, as a query over `traces` and `requests` would show them. */
function describeFirst(prints: readonly TelemetryItem[], requests: readonly TelemetryItem[]): string[] {
  const id = 'demo-0001';
  const print = prints.find((item) => requestId(item) === id);
  const request = requests.find((item) => requestId(item) === id);
  return [
    `traces    message ${print?.data['message']}  customDimensions {"Request Id":"${id}","Contents":${print?.properties['Contents']}}`,
    `requests  ${request?.data['name']}  resultCode ${request?.data['responseCode']}  success ${request?.data['success']}  customDimensions {"Request Id":"${id}"}`,
  ];
}

/** Counts again after the service has ended: it must not have sent anything twice on its way out. */
export function checkTracesAtEnd(checks: Checks, telemetry: TelemetryStandIn, before: Traces): void {
  const { prints, requests } = sortOut(telemetry.items());
  checks.sameList(
    'no telemetry was added when the service ended',
    [requests.length, prints.length],
    [before.requests, before.prints],
  );
}

interface SortedItems {
  readonly requests: readonly TelemetryItem[];
  /** Lines printed inside requests. */
  readonly prints: readonly TelemetryItem[];
  /** Lines printed outside requests. */
  readonly atStart: readonly TelemetryItem[];
}

function sortOut(items: readonly TelemetryItem[]): SortedItems {
  const printed = items.filter((item) => item.baseType === 'MessageData' && item.data['message'] === 'STDOUT');
  return {
    requests: items.filter((item) => item.baseType === 'RequestData'),
    prints: printed.filter((item) => requestId(item) !== ''),
    atStart: printed.filter((item) => requestId(item) === ''),
  };
}

function requestId(item: TelemetryItem): string {
  return item.properties['Request Id'] ?? '';
}

/** What joins traces with requests in queries. */
function operation(item: TelemetryItem): string {
  return `${requestId(item)} ${item.tags['ai.operation.id']}`;
}
