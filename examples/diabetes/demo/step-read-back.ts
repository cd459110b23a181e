import { setTimeout as sleep } from 'node:timers/promises';
import type { Checks } from './checks.ts';
import type { Dataset } from './dataset.ts';
import type { SentRequest } from './scorer.ts';
import { MODEL, type Stage } from './stage.ts';
import { readStored, type ScoredPair, type StoredRows } from './stored-rows.ts';
import { formatTable } from './table.ts';

// Rows are stored every ten seconds or so, at the latest when the service stops.
const ARRIVAL_TIMEOUT_MS = 30_000;
const LOOK_AGAIN_MS = 500;
const SHOWN_ROWS = 5;

/** What the account says and where to look. */
export interface ReadBackOptions {
  readonly stage: Stage;
  readonly dataset: Dataset;
  readonly sent: readonly SentRequest[];
  /** When the demo began. */
  readonly from: Date;
  readonly abortSignal: AbortSignal;
}

/** Reads the rows back, holds them against the account and prints the paths and the first rows. */
export async function checkStored(checks: Checks, options: ReadBackOptions): Promise<void> {
  const { stage, dataset, from } = options;
  const collected = collectedRequests(options.sent);
  const expected = expectedLines(collected);
  checks.progress(`reading ${expected.length} rows back (they are stored every ten seconds or so)`);
  const stored = await waitForRows(options, expected.length);

  checks.sameList(
    'the stored rows are exactly those scored while collection was on, in order, each beside its prediction',
    stored.pairs.map((pair) => storedLine(pair, dataset.featureNames)),
    expected,
  );
  checks.same('no stored row is without its partner, and none is there twice', loose(stored), 0);
  const ids = new Set(stored.pairs.map(({ correlationId }) => correlationId));
  const ties = new Set(stored.pairs.map(({ correlationId, requestId }) => `${correlationId} ${requestId}`));
  checks.sameList(
    'each request has one correlation id of its own',
    [ids.size, ties.size],
    [collected.length, collected.length],
  );
  const allowed = expectedPaths(stage, [from, new Date()]);
  checks.holds(
    'the rows are at modeldata/<sub>/<rg>/<ws>/<service>/<model>/<version>/<designation>/<yyyy>/<mm>/<dd>/data.csv',
    stored.paths.length >= 2 && stored.paths.every((path) => allowed.has(path)),
    () => `found ${stored.paths.join(', ')}`,
  );
  print(stored, dataset.featureNames);
}

/** Counts again after the service has ended: nothing may have been stored twice, or late, on its way out. */
export async function checkStoredAtEnd(checks: Checks, options: ReadBackOptions): Promise<void> {
  const stored = await readStored(options.stage, { ...options, featureNames: options.dataset.featureNames });
  checks.sameList(
    'no rows were added or lost when the service ended',
    [stored.summary.matched, loose(stored)],
    [expectedLines(collectedRequests(options.sent)).length, 0],
  );
}

async function waitForRows(options: ReadBackOptions, rowCount: number): Promise<StoredRows> {
  const { stage, dataset, abortSignal } = options;
  const deadline = Date.now() + ARRIVAL_TIMEOUT_MS;
  for (;;) {
    const isLate = Date.now() > deadline;
    try {
      const stored = await readStored(stage, { ...options, featureNames: dataset.featureNames });
      if (stored.summary.matched >= rowCount || isLate) {
        return stored;
      }
    } catch (error) {
      // Nothing at all is stored yet.
      if (isLate || (error as { code?: unknown }).code !== 'COLLECTED_DATA_NOT_FOUND') {
        throw error;
      }
    }
    await sleep(LOOK_AGAIN_MS, undefined, { signal: abortSignal });
  }
}

function collectedRequests(sent: readonly SentRequest[]): SentRequest[] {
  return sent.filter(({ collected, rows }) => collected && rows.length > 0);
}

function expectedLines(requests: readonly SentRequest[]): string[] {
  return requests.flatMap(({ requestId, rows }) =>
    rows.map(({ input, prediction }, position) => line(requestId, position, input, prediction)),
  );
}

function storedLine({ requestId, position, left, right }: ScoredPair, featureNames: readonly string[]): string {
  const input = featureNames.map((name) => left[name] ?? Number.NaN);
  return line(requestId ?? 'no request', position, input, right.predicted_progression);
}

/** A row as one text, so that a difference shows both sides whole; numbers have their shortest exact form. */
function line(requestId: string, position: number, input: readonly number[], prediction: number): string {
  return `${requestId}[${position}] ${input.join(',')} -> ${prediction}`;
}

/** Rows that the join could not pair one to one. */
function loose({ summary }: StoredRows): number {
  return summary.leftOnly + summary.rightOnly + summary.duplicateRows;
}

function expectedPaths(stage: Stage, days: readonly Date[]): Set<string> {
  const { subscriptionId, resourceGroup, workspaceName } = stage.workspace;
  const model = `${subscriptionId}/${resourceGroup}/${workspaceName}/${stage.service.name}/${MODEL.name}/${MODEL.version}`;
  const paths = days.flatMap((day) =>
    ['inputs', 'predictions'].map(
      (designation) => `${model}/${designation}/${day.toISOString().slice(0, 10).replaceAll('-', '/')}/data.csv`,
    ),
  );
  return new Set(paths);
}

function print({ paths, pairs }: StoredRows, featureNames: readonly string[]): void {
  const rows = pairs
    .slice(0, SHOWN_ROWS)
    .map(({ left, right, scoringTimestamp, requestId, correlationId }) => [
      ...featureNames.map((name) => String(left[name])),
      String(right.predicted_progression),
      scoringTimestamp,
      requestId ?? '',
      correlationId,
    ]);
  const headings = [...featureNames, 'predicted_progression', 'scored at', 'request', 'correlation id'];
  process.stdout.write(`collected rows, in the container modeldata:
${paths.map((path) => `  ${path}`).join('\n')}

the first ${SHOWN_ROWS} of ${pairs.length}, inputs joined with predictions:
${formatTable(headings, rows)}
`);
}
