import { AzuremlError, ValidationError, type WaitOptions } from '@azureml-ts/common';
import type { RawAnswer } from './answer.ts';
import { filterLines, namesFor, stretchLine } from './filters.ts';
import { kqlText } from './kql-text.ts';
import { MAX_ROWS } from './limits.ts';
import type { LogsAccess } from './options.ts';
import { partialFailure } from './query-failure.ts';
import { LogsSession } from './session.ts';
import { dateOf } from './time.ts';
import { type TraceRecord, traceKey, traceRecords } from './trace-record.ts';
import { type TraceFilter, traceColumns, traceLines } from './traces-query.ts';

/** Options of {@link readTraces}. `timeoutMs` (default 180,000) is for each query. */
export interface ReadTracesOptions extends Omit<TraceFilter, 'target'>, LogsAccess, WaitOptions {
  /** Rows asked for at a time, 1 to 500,000. Default 10,000; fewer where they are too large for one answer. */
  readonly pageSize?: number | undefined;
}

const PAGE_SIZE = 10_000;
const SINCE = '24h';

/**
 * Reads traces, the oldest first, in as many queries as it takes: any number of them, in bounded memory.
 *
 * @param target Id of a Log Analytics workspace, or resource id of the component.
 * @param options Which traces (`since`, default 24 hours; `until`, default the time of the call; `contains`, ...), and how
 *   they are reached.
 * @returns The traces. Each is given once; a trace that the service takes in late may be missing, see {@link followTraces}.
 * @throws Errors of {@link queryLogs}; `QUERY_PARTIAL` when not even one row fits into an answer.
 * @example
 * ```ts
 * import { readTraces } from '@azureml-ts/insights';
 * import { startLogsStandIn } from '@azureml-ts/testing';
 *
 * await using logs = await startLogsStandIn();
 * logs.addRows('traces', [{ message: 'STDOUT', customDimensions: { Contents: '{"input":[1,2]}' } }]);
 *
 * const { credential, endpoint, clientOptions } = logs;
 * for await (const { contents } of readTraces(logs.resourceId, { since: '1h', credential, endpoint, clientOptions })) {
 *   console.log(contents); // { input: [ 1, 2 ] }
 * }
 * ```
 */
export async function* readTraces(
  target: string,
  options: ReadTracesOptions,
): AsyncGenerator<TraceRecord, void, undefined> {
  const session = new LogsSession(target, options);
  const now = Date.now();
  const from = dateOf(options.since ?? SINCE, 'since', now);
  // The end is not included; this very millisecond is.
  const to = options.until === undefined ? new Date(now + 1) : dateOf(options.until, 'until', now);
  yield* tracesBetween(session, options, from, to);
}

/**
 * Reads the traces of a stretch of time, the oldest first.
 *
 * Each query begins at the time of the last row, without the rows of that time which were given already: many rows may have
 * the same time.
 *
 * @internal
 */
export async function* tracesBetween(
  session: LogsSession,
  options: ReadTracesOptions,
  from: Date,
  to: Date | undefined,
): AsyncGenerator<TraceRecord, void, undefined> {
  const { id: target } = session.target;
  const { serviceName } = options;
  let pageSize = checkedPageSize(options.pageSize);
  let isShrunk = false;
  const names = namesFor({ target });
  // The stretch of time is said here, so that it is the same in every query.
  const filters = [...filterLines(names, { since: from, until: to, serviceName }), ...traceLines(names, options)];
  let cursor: Cursor = { time: undefined, ids: new Set(), keys: new Set() };
  for (;;) {
    const lines = [
      names.traces,
      ...filters,
      ...cursorLines(names, cursor, to),
      `| top ${pageSize} by ${names.time} asc`,
      traceColumns(names),
    ];
    const answer: RawAnswer = await session.query(lines.join('\n'), undefined, options);
    if (answer.fault !== undefined) {
      if (pageSize === 1) {
        throw partialFailure(answer.fault, answer.requestId);
      }
      isShrunk = true;
      pageSize = Math.ceil(pageSize / 2);
      continue;
    }
    const [table] = answer.tables;
    const records = table === undefined ? [] : traceRecords(table);
    const fresh = records.filter((record) => !cursor.keys.has(traceKey(record)));
    yield* fresh;
    if (records.length < pageSize) {
      return;
    }
    const next = advance(cursor, fresh);
    if (next === undefined) {
      // Rows without an id that fill a whole answer and have one time: only more at a time shows the others.
      if (isShrunk || pageSize === MAX_ROWS) {
        throw stuck(cursor.time, pageSize);
      }
      pageSize = Math.min(MAX_ROWS, pageSize * 2);
      continue;
    }
    cursor = next;
  }
}

/** How far it has been read. */
interface Cursor {
  /** Time of the last row, as the service writes it. */
  readonly time: string | undefined;
  /** Ids of the rows of that time. */
  readonly ids: ReadonlySet<string>;
  /** What tells the rows of that time apart, also those without an id. */
  readonly keys: ReadonlySet<string>;
}

function advance(cursor: Cursor, fresh: readonly TraceRecord[]): Cursor | undefined {
  const last = fresh.at(-1);
  if (last === undefined) {
    return undefined;
  }
  const isSame = last.time === cursor.time;
  const ids = new Set(isSame ? cursor.ids : []);
  const keys = new Set(isSame ? cursor.keys : []);
  for (const record of fresh) {
    if (record.time === last.time) {
      keys.add(traceKey(record));
      if (record.itemId !== '') {
        ids.add(record.itemId);
      }
    }
  }
  return { time: last.time, ids, keys };
}

function cursorLines(names: ReturnType<typeof namesFor>, { time, ids }: Cursor, to: Date | undefined): string[] {
  if (time === undefined) {
    return [];
  }
  const known = [...ids].map(kqlText).join(', ');
  return [
    stretchLine(names, time, to),
    ...(ids.size === 0 ? [] : [`| where ${names.time} > datetime(${time}) or ${names.itemId} !in (${known})`]),
  ];
}

function stuck(time: string | undefined, pageSize: number): AzuremlError {
  return new AzuremlError(
    'QUERY_PARTIAL',
    `More than ${pageSize} traces have the time ${time} and no item id, so the rest of them cannot be asked for. Narrow the search with contains, requestId or severity.`,
  );
}

function checkedPageSize(pageSize: number = PAGE_SIZE): number {
  if (!Number.isInteger(pageSize) || pageSize < 1 || pageSize > MAX_ROWS) {
    throw new ValidationError({
      path: 'pageSize',
      expected: `a whole number from 1 to ${MAX_ROWS}`,
      received: pageSize,
    });
  }
  return pageSize;
}
