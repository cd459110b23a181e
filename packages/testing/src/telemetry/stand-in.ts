import type { IncomingMessage, ServerResponse } from 'node:http';
import { AzuremlError, sleep } from '@azureml-ts/common';
import { makeCertificate } from '../loopback/certificate.ts';
import { startLoopbackServer } from '../loopback/http-server.ts';
import { readBody } from '../loopback/read-body.ts';
import { AnswerPlan, type TelemetryAnswer } from './answer.ts';
import { ingest } from './ingest.ts';
import type { TelemetryItem } from './item.ts';
import { ItemStore } from './item-store.ts';
import type { TelemetryFilter, TelemetryRequest, TelemetryStandIn } from './stand-in-types.ts';

const PATHS = ['/v2.1/track', '/v2/track'];
const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const DEFAULT_KEY = '5ca1ab1e-0000-4000-8000-0000c0ffee00';
const APP_ID = '5ca1ab1e-0000-4000-8000-0000000a9b1d';

/** Options of {@link startTelemetryStandIn}. */
export interface TelemetryStandInOptions {
  /** Port to listen on. Default 0: any free port. */
  readonly port?: number | undefined;
  /** Address to listen on. Default `127.0.0.1`. */
  readonly host?: string | undefined;
  /** Key that items must carry: a lower-case GUID. Default: one that belongs to nobody. */
  readonly instrumentationKey?: string | undefined;
  /**
   * Serves https, with a certificate for this machine that `environment` has another process trust. Needs the package
   * `selfsigned`. Default `false`.
   */
  readonly tls?: boolean | undefined;
}

/**
 * Starts a server that takes telemetry as the ingestion service of Application Insights does.
 *
 * It accepts `POST /v2.1/track` and `/v2/track`: a JSON list or one JSON object a line, plain or gzip. Every item is
 * checked against the published schema; one that breaks a rule is refused in the answer's `errors`, as the service
 * does, so that a sender's mistake fails a test. The server keeps the process alive until `close()`.
 *
 * @param options Address, key, https.
 * @returns The running stand-in.
 * @throws {@link AzuremlError} `STAND_IN_START_FAILED` when the port is taken, or `selfsigned` is not installed for `tls`.
 * @example
 * ```ts
 * import { startTelemetryStandIn } from '@azureml-ts/testing';
 *
 * const standIn = await startTelemetryStandIn();
 * const [, key] = /InstrumentationKey=([^;]+)/.exec(standIn.connectionString) ?? [];
 * const item = {
 *   ver: 1,
 *   name: 'Microsoft.ApplicationInsights.Message',
 *   time: new Date().toISOString(),
 *   iKey: key,
 *   data: { baseType: 'MessageData', baseData: { ver: 2, message: 'hello' } },
 * };
 * await fetch(`${standIn.url}/v2.1/track`, { method: 'POST', body: JSON.stringify([item]) });
 * console.log(standIn.items().map(({ data }) => data.message)); // [ 'hello' ]
 * await standIn.close();
 * ```
 *
 * Source: the ingestion protocol of Application Insights, `POST /v2.1/track`.
 */
export async function startTelemetryStandIn(options: TelemetryStandInOptions = {}): Promise<TelemetryStandIn> {
  const { port = 0, host = '127.0.0.1', instrumentationKey = DEFAULT_KEY } = options;
  if (!GUID.test(instrumentationKey)) {
    throw new AzuremlError(
      'STAND_IN_START_FAILED',
      `instrumentationKey must be a lower-case GUID, but is ${JSON.stringify(instrumentationKey)}.`,
    );
  }
  const store = new ItemStore();
  const plan = new AnswerPlan();
  const requests: TelemetryRequest[] = [];
  const closing = new AbortController();

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    // Some senders join an endpoint that ends in a slash with a path that begins with one; the service does not mind.
    const path = (request.url ?? '/').replace(/^\/+/, '/').replace(/\?.*$/, '');
    const body = await readBody(request);
    const seen = {
      method: request.method ?? '',
      path,
      headers: request.headers,
      bodyBytes: body.wire.byteLength,
      receivedAt: new Date(),
    };
    const send = (status: number, reply: object | string, headers: Readonly<Record<string, string>> = {}): void => {
      response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers });
      response.end(typeof reply === 'string' ? reply : JSON.stringify(reply));
    };
    if (!PATHS.includes(path) || request.method !== 'POST') {
      const status = PATHS.includes(path) ? 405 : 404;
      requests.push({ ...seen, status, itemsReceived: 0, itemsAccepted: 0, errors: [] });
      send(status, { error: `POST ${PATHS.join(' or ')} takes telemetry; this was ${seen.method} ${seen.path}` });
      return;
    }
    const answer = plan.next();
    if (answer?.delayMs !== undefined) {
      await sleep(answer.delayMs, { abortSignal: closing.signal });
    }
    if (answer?.cut) {
      requests.push({ ...seen, status: 0, itemsReceived: 0, itemsAccepted: 0, errors: [] });
      request.socket.destroy();
      return;
    }
    const result = ingest(body.text ?? '', instrumentationKey, answer?.itemErrors ?? []);
    const refusesAll = answer?.status !== undefined && answer.itemErrors === undefined;
    const accepted = refusesAll ? [] : result.accepted;
    const errors = refusesAll
      ? []
      : body.fault === undefined
        ? result.errors
        : [{ index: 0, statusCode: 400, message: body.fault }];
    const status = answer?.status ?? result.status;
    requests.push({ ...seen, status, itemsReceived: result.received, itemsAccepted: accepted.length, errors });
    const retryAfter: Record<string, string> =
      answer?.retryAfter === undefined ? {} : { 'retry-after': String(answer.retryAfter) };
    send(
      status,
      answer?.body ?? { itemsReceived: result.received, itemsAccepted: accepted.length, appId: APP_ID, errors },
      { ...retryAfter, ...answer?.headers },
    );
    // After the answer, so that whoever waits for an item also finds the request in the list.
    store.add(accepted);
  };

  const certificate = options.tls === true ? await makeCertificate() : undefined;
  const server = await startLoopbackServer(
    { host, port, what: 'The telemetry stand-in', tls: certificate },
    handle,
  ).catch(async (error: unknown) => {
    await certificate?.remove();
    throw error;
  });
  const close = async (): Promise<void> => {
    closing.abort(new Error('The telemetry stand-in was closed'));
    await server.close();
    await certificate?.remove();
  };
  return {
    url: server.url,
    instrumentationKey,
    environment: certificate === undefined ? {} : { NODE_EXTRA_CA_CERTS: certificate.file },
    connectionString: `InstrumentationKey=${instrumentationKey};IngestionEndpoint=${server.url}/`,
    items: (filter?: TelemetryFilter) => store.items(filter),
    requests: () => [...requests],
    waitFor: (predicate: (items: readonly TelemetryItem[]) => boolean, wait = {}) =>
      store.waitFor(predicate, {
        ...wait,
        describe: () => describeRefusals(requests),
      }),
    respondWith: (answer: TelemetryAnswer | readonly TelemetryAnswer[] | null) =>
      plan.set(answer === null ? [] : Array.isArray(answer) ? answer : [answer as TelemetryAnswer]),
    clear: () => {
      store.clear();
      requests.length = 0;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function describeRefusals(requests: readonly TelemetryRequest[]): string {
  const refused = requests.flatMap(({ errors }) => errors);
  const first = refused[0] === undefined ? '' : ` (first: ${refused[0].message})`;
  return `${requests.length} requests came, ${refused.length} items were refused${first}`;
}
