import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { sleep } from '@azureml-ts/common';
import { makeCertificate } from '../loopback/certificate.ts';
import { startLoopbackServer } from '../loopback/http-server.ts';
import { readBody } from '../loopback/read-body.ts';
import type { TelemetryItem } from '../telemetry/item.ts';
import { LogsAnswerPlan } from './answer-plan.ts';
import { answerQuery, type LogsReply } from './answer-query.ts';
import { statusBody } from './answers.ts';
import { redirectPolicy } from './redirect-policy.ts';
import { RowsStore } from './rows-store.ts';
import type { LogsAnswer, LogsRequest, LogsStandIn } from './stand-in-types.ts';
import { LogsTokens } from './tokens.ts';

const WORKSPACE_ID = '5ca1ab1e-0000-4000-8000-00000000a095';
const RESOURCE_ID =
  '/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg1/providers/microsoft.insights/components/ws1insights0001';
const MAX_ROWS = 500_000;

/** Options of {@link startLogsStandIn}. */
export interface LogsStandInOptions {
  /** Port to listen on. Default 0: any free port. */
  readonly port?: number | undefined;
  /** Id of the workspace. Default: one that belongs to nobody. */
  readonly workspaceId?: string | undefined;
  /** Resource id of the component. Default: the one that the workspace of `startAzureStandIn` names. */
  readonly resourceId?: string | undefined;
  /** Telemetry that can be found, read anew with each query: `() => telemetry.items()` of `startTelemetryStandIn`. */
  readonly items?: (() => readonly TelemetryItem[]) | undefined;
  /** Most rows of an answer; with more it is partial. Default 500,000, as the service. */
  readonly maxRows?: number | undefined;
  /** Time for `now()` and `ago()` in queries. Default: that of this machine. */
  readonly now?: (() => Date) | undefined;
}

/**
 * Starts a server that answers queries as Azure Monitor Logs does, over the telemetry that it is given.
 *
 * It speaks https with a certificate of its own: `POST /v1/workspaces/{id}/query` and `/v1/{resourceId}/query`. It understands
 * the queries that the helpers of `@azureml-ts/insights` write, and refuses any other with the service's error: `where`,
 * `project`, `extend`, `take`, `top`, `order`, `count` and `summarize` over one table. The server keeps the process alive
 * until `close()`.
 *
 * @param options Ids, telemetry, limit. All have defaults.
 * @returns The running stand-in.
 * @throws {@link AzuremlError} `STAND_IN_START_FAILED` when the port is taken or `selfsigned` is not installed.
 * @example
 * ```ts
 * import { queryLogs } from '@azureml-ts/insights';
 * import { startLogsStandIn } from '@azureml-ts/testing';
 *
 * const logs = await startLogsStandIn();
 * logs.addRows('traces', [{ message: 'hello' }]);
 *
 * const { credential, endpoint, clientOptions } = logs;
 * const { rows } = await queryLogs(logs.resourceId, 'traces | project message', { credential, endpoint, clientOptions });
 * console.log(rows); // [ { message: 'hello' } ]
 * await logs.close();
 * ```
 *
 * Source: POST /v1/workspaces/{id}/query and /v1/{resourceId}/query of Azure Monitor Logs.
 */
export async function startLogsStandIn(options: LogsStandInOptions = {}): Promise<LogsStandIn> {
  const {
    port = 0,
    workspaceId = WORKSPACE_ID,
    resourceId = RESOURCE_ID,
    items = () => [],
    maxRows = MAX_ROWS,
    now = () => new Date(),
  } = options;
  const store = new RowsStore(items);
  const plan = new LogsAnswerPlan();
  const tokens = new LogsTokens();
  const closing = new AbortController();
  let requests: LogsRequest[] = [];

  const handle = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const receivedAt = new Date();
    const body = await readBody(incoming);
    const path = (incoming.url ?? '/').replace(/\?.*$/, '');
    const headers = headersOf(incoming);
    const request = { method: incoming.method ?? '', path, headers, text: body.text ?? '' };
    const planned = plan.next();
    if (planned?.delayMs !== undefined) {
      await sleep(planned.delayMs, { abortSignal: closing.signal });
    }
    planned?.onHit?.();
    const reply =
      planned?.status !== undefined && planned.partialRows === undefined
        ? { status: planned.status, text: planned.body ?? JSON.stringify(statusBody(planned.status)), rowCount: 0 }
        : answerQuery(request, {
            workspaceId,
            resourceId,
            store,
            tokens,
            maxRows,
            now,
            partialRows: planned?.partialRows,
          });
    const isCut = planned?.cut === true;
    requests.push({ ...recorded(request), receivedAt, status: isCut ? 0 : reply.status, rowCount: reply.rowCount });
    if (isCut) {
      incoming.socket.destroy();
      return;
    }
    send(response, reply, planned);
  };

  const certificate = await makeCertificate();
  const server = await startLoopbackServer(
    { host: '127.0.0.1', port, what: 'The logs stand-in', tls: certificate },
    handle,
  ).catch(async (error: unknown) => {
    await certificate.remove();
    throw error;
  });
  const close = async (): Promise<void> => {
    closing.abort(new Error('The logs stand-in was closed'));
    await server.close();
    await certificate.remove();
  };
  return {
    url: server.url,
    endpoint: `${server.url}/v1`,
    workspaceId,
    resourceId,
    credential: tokens.credential,
    tokenRequests: tokens.scopes,
    clientOptions: {
      additionalPolicies: [{ policy: redirectPolicy(server.url, certificate.cert), position: 'perRetry' }],
      retryOptions: { maxRetries: 3, retryDelayInMs: 1 },
    },
    environment: {
      AZUREML_LOGS_ENDPOINT: `${server.url}/v1`,
      NODE_EXTRA_CA_CERTS: certificate.file,
    },
    addItems: (added) => store.addItems(added),
    addRows: (table, rows) => store.addRows(table, rows),
    addTable: (name, columns, rows) => store.addTable(name, columns, rows),
    respondWith: (answer) => plan.set(answer === null ? [] : Array.isArray(answer) ? answer : [answer as LogsAnswer]),
    requests: () => [...requests],
    clear: () => {
      store.clear();
      requests = [];
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function headersOf({ headers }: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
  );
}

function recorded({
  method,
  path,
  headers,
  text,
}: {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}): Pick<LogsRequest, 'method' | 'path' | 'headers' | 'query' | 'timespan'> {
  let body: { readonly query?: unknown; readonly timespan?: unknown } = {};
  try {
    body = JSON.parse(text) as typeof body;
  } catch {
    // Answered with 400.
  }
  const { query, timespan } = body ?? {};
  return {
    method,
    path,
    headers,
    query: typeof query === 'string' ? query : '',
    timespan: typeof timespan === 'string' ? timespan : undefined,
  };
}

function send(response: ServerResponse, reply: LogsReply, planned: LogsAnswer | undefined): void {
  response.writeHead(reply.status, {
    'content-type': 'application/json; charset=utf-8',
    'x-ms-request-id': randomUUID(),
    ...(reply.status === 401 ? { 'www-authenticate': 'Bearer' } : {}),
    ...(planned?.retryAfter === undefined ? {} : { 'retry-after': String(planned.retryAfter) }),
    ...planned?.headers,
  });
  response.end(reply.text);
}
