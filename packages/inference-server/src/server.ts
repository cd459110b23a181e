import { deadline, errorMessage, onShutdown, SHUTDOWN_DEADLINE_MS, waitAtMost } from '@azureml-ts/common';
import { InitFailedError } from './errors.ts';
import { HttpListener, type LeftRequests } from './http/http-listener.ts';
import { RequestHandler } from './http/request-handler.ts';
import { Routes } from './http/routes.ts';
import { AccessLog } from './log/access-log.ts';
import { ServerLog } from './log/server-log.ts';
import { type CheckedOptions, checkOptions, type StartServerOptions } from './options.ts';
import { Scorer } from './score/score.ts';
import { bindingOf } from './script/binding.ts';
import { loadScript } from './script/load-script.ts';
import { resolveScript } from './script/resolve-script.ts';
import type { Scoring } from './script/scoring.ts';
import { StartWatch } from './script/start-watch.ts';
import { serviceDescription } from './swagger/service-description.ts';
import { SwaggerAnswers } from './swagger/swagger-answers.ts';
import { openTelemetry } from './telemetry/open-telemetry.ts';
import type { Telemetry } from './telemetry/telemetry.ts';

/** How long telemetry of a failed start may take to leave, in milliseconds. */
export const FAILED_START_FLUSH_MS = 4_500;

/** Options of {@link InferenceServer.close}. */
export interface CloseServerOptions {
  /** How long running requests may take, in milliseconds; then their connections are cut. Default 20,000. A request whose
   * body stops coming in is cut after a second. */
  readonly timeoutMs?: number | undefined;
  /** Cuts the connections of running requests at once. */
  readonly abortSignal?: AbortSignal | undefined;
}

/** A server that answers scoring requests. */
export interface InferenceServer extends AsyncDisposable {
  /** Address for a client on this machine, for example `http://127.0.0.1:5001`. */
  readonly url: string;
  /** Port it listens on. */
  readonly port: number;
  /**
   * Stops accepting, answers the running requests and closes every connection. A second call waits for the first.
   *
   * @param options Limits of the wait.
   */
  close(options?: CloseServerOptions): Promise<void>;
}

/**
 * What the command can do with a server besides.
 *
 * @internal
 */
export interface ManagedServer extends InferenceServer {
  /** Takes no new connections, ends each open one with its next answer, and resolves once none is left. */
  drain(): Promise<void>;
}

/**
 * Hosts a scoring script, or a pair of functions, over HTTP: `GET /` tells that it runs, `POST /score` scores.
 *
 * `init()` has ended before the port opens. Each `run()` sees its own request in `currentRequest()` of
 * `@azureml-ts/common`. The server closes on SIGTERM and SIGINT before the collectors and the telemetry of the process.
 * When `AML_APP_INSIGHTS_ENABLED` is `true`, requests, failures and printed lines go to Application Insights.
 *
 * Source: `azmlinfsrv` (azureml-inference-server-http 1.5.1); the README lists what differs.
 *
 * @param options What to serve, and where.
 * @returns The running server.
 * @throws ValidationError `VALIDATION` for an option of the wrong shape.
 * @throws EntryScriptNotFoundError `ENTRY_SCRIPT_NOT_FOUND`
 * @throws EntryScriptInvalidError `ENTRY_SCRIPT_INVALID`
 * @throws InitFailedError `INIT_FAILED`
 * @throws PortInUseError `PORT_IN_USE`
 * @throws AzuremlError `LISTEN_FAILED`
 * @throws WorkerFailedError `WORKER_FAILED` when one of several workers ended before it served, without telling why.
 * @example
 * ```ts
 * import { startServer } from '@azureml-ts/inference-server';
 *
 * const server = await startServer({
 *   run: (rawData) => ({ sum: JSON.parse(rawData).data.reduce((a: number, b: number) => a + b, 0) }),
 *   port: 0,
 *   host: '127.0.0.1',
 * });
 * const response = await fetch(`${server.url}/score`, { method: 'POST', body: '{"data": [1, 2, 3]}' });
 * console.log(await response.json()); // { sum: 6 }
 * await server.close();
 * ```
 */
export async function startServer(options: StartServerOptions): Promise<InferenceServer> {
  if (options.workers !== undefined && options.workers !== 1) {
    const { startPool } = await import('./workers/start-pool.ts');
    return startPool(options);
  }
  const log = new ServerLog(options.onLogLine);
  const telemetry = await openTelemetry(log, { captureUncaught: true });
  try {
    return await startServerWith(options, log, telemetry);
  } catch (error) {
    await telemetry.close(FAILED_START_FLUSH_MS);
    throw error;
  }
}

/**
 * Starts a server that reports to the given telemetry. Telemetry is opened before the script is loaded, so that what the
 * script prints while it loads is kept as well. `beforeOpen` is waited for between `init()` and the opening of the port.
 *
 * @internal
 */
export async function startServerWith(
  options: StartServerOptions,
  log: ServerLog,
  telemetry: Telemetry,
  beforeOpen?: () => Promise<void>,
): Promise<ManagedServer> {
  const checked = checkOptions(options);
  const { abortSignal } = options;
  abortSignal?.throwIfAborted();
  const watch = new StartWatch(log);
  try {
    // The script cannot be stopped: what it does after the abort is not waited for.
    const scoring = await waitAtMost(prepare(checked, watch), 'The start', { abortSignal });
    if (beforeOpen !== undefined) {
      watch.step('The start of the other workers');
      await waitAtMost(beforeOpen(), 'The start', { abortSignal });
    }
    return await open(scoring, checked, log, telemetry, abortSignal);
  } catch (error) {
    if (!abortSignal?.aborted) {
      // The script's own error says more in telemetry than the sentence around it.
      telemetry.exception((error as Error).cause ?? error);
    }
    throw error;
  } finally {
    watch.end();
  }
}

/** Loads the script and runs its `init()`. */
async function prepare({ source }: CheckedOptions, watch: StartWatch): Promise<Scoring> {
  const isScript = 'entryScript' in source;
  const scoring = isScript ? await loadScript(await resolveScript(source.entryScript)) : source.scoring;
  watch.step('init()');
  try {
    await scoring.init?.();
  } catch (error) {
    throw new InitFailedError(
      `init() of ${isScript ? `the scoring script ${source.entryScript}` : 'the given scoring object'} failed: ${errorMessage(error)}`,
      { cause: error },
    );
  }
  return scoring;
}

async function open(
  scoring: Scoring,
  options: CheckedOptions,
  log: ServerLog,
  telemetry: Telemetry,
  abortSignal: AbortSignal | undefined,
): Promise<ManagedServer> {
  const { scoringTimeoutMs, http } = options;
  let closing: Promise<void> | undefined;
  let draining: Promise<void> | undefined;
  const isClosing = () => closing !== undefined;
  const endsConnections = () => isClosing() || draining !== undefined;
  const binding = bindingOf(scoring.run);
  const { maxBodyBytes } = http;
  const scorer = new Scorer({ scoring, binding, scoringTimeoutMs, maxBodyBytes, log, telemetry });
  const swagger = new SwaggerAnswers(serviceDescription(http.pathPrefix, binding));
  const routes = new Routes(scorer, swagger, http.maxConcurrentRequests);
  const accessLog = new AccessLog(log, http.accessLog);
  const handler = new RequestHandler({ http, routes, log, accessLog, telemetry, isClosing, endsConnections });
  const listener = new HttpListener(handler, http, (record) => accessLog.write(record));
  const { port } = await listener.listen(options.port, options.host);
  const forget = onShutdown('server', { close: (abort) => stop(abort) });

  function stop(cut: AbortSignal): Promise<void> {
    closing ??= listener
      .close(cut)
      .then((left) => reportLeft(left, log))
      .finally(() => {
        forget();
        log.close();
      });
    return closing;
  }
  async function close({ timeoutMs = SHUTDOWN_DEADLINE_MS, abortSignal: cut }: CloseServerOptions = {}): Promise<void> {
    const limit = deadline(timeoutMs, cut);
    await stop(limit.signal).finally(limit.clear);
    await telemetry.close(timeoutMs);
  }
  if (abortSignal?.aborted) {
    await stop(abortSignal);
    abortSignal.throwIfAborted();
  }
  return {
    url: urlOf(options.host, port),
    port,
    close: (closeOptions) => close(closeOptions),
    drain() {
      draining ??= listener.drain();
      return draining;
    },
    [Symbol.asyncDispose]: () => close(),
  };
}

function reportLeft({ stalled, running }: LeftRequests, log: ServerLog): void {
  if (stalled > 0) {
    log.line('W', `${count(stalled)} cut: the body had stopped coming in.`);
  }
  if (running > 0) {
    log.line('E', `${count(running)} cut: not answered within the time for closing.`);
  }
}

function count(requests: number): string {
  return requests === 1 ? '1 request was' : `${requests} requests were`;
}

/** Wildcard addresses are for listening only; a client on this machine asks the loopback address. */
function urlOf(host: string, port: number): string {
  const wildcard: Record<string, string> = { '0.0.0.0': '127.0.0.1', '::': '::1' };
  const address = wildcard[host] ?? host;
  return `http://${address.includes(':') ? `[${address}]` : address}:${port}`;
}
