import {
  createLogger,
  errorMessage,
  onShutdown,
  systemClock,
  ValidationError,
  type WaitOptions,
} from '@azureml-ts/common';
import { findIngestionTarget } from './connection-string.ts';
import { updateConsoleCapture } from './console/capture.ts';
import {
  addPrintTarget,
  type ConsoleMethod,
  type PrintTarget,
  removePrintTarget,
  silently,
} from './console/registry.ts';
import { ItemContext } from './context.ts';
import type { SerializedItem } from './items/envelope.ts';
import { ItemFactory } from './items/item-factory.ts';
import { MAX_ITEM_BYTES } from './items/limits.ts';
import { Sender } from './sender/sender.ts';
import type {
  ExceptionTelemetry,
  Insights,
  InsightsOptions,
  InsightsStats,
  RequestTelemetry,
  Severity,
  TraceTelemetry,
} from './types.ts';

const DEFAULT_FLUSH_MS = 5000;
const log = createLogger('insights');

const SEVERITIES: Readonly<Record<ConsoleMethod, Severity>> = {
  log: 'Information',
  info: 'Information',
  debug: 'Verbose',
  warn: 'Warning',
  error: 'Error',
};

/**
 * Starts sending to Application Insights: what is printed, requests, exceptions and traces of a scoring service.
 *
 * Items go out in packed batches over connections of their own, at the latest a second later, at the natural end of the
 * process, and on SIGTERM and SIGINT. Nothing here ever throws into, waits in, or keeps alive the program it reports on.
 * A process may start several: the console's lines and {@link print} go to the one that was started last and is not
 * closed.
 *
 * @param options Where to send to and how; with the environment variables set, none is needed.
 * @returns The started telemetry.
 * @throws {@link AzuremlError} `CONNECTION_STRING_MISSING` when no destination is set; `CONNECTION_STRING_INVALID` when
 *   it is no connection string; {@link ValidationError} `VALIDATION` for a limit out of range.
 * @example
 * ```ts
 * import { startInsights } from '@azureml-ts/insights';
 * import { startTelemetryStandIn } from '@azureml-ts/testing';
 *
 * const standIn = await startTelemetryStandIn(); // in production: leave connectionString to the environment
 * const insights = startInsights({ connectionString: standIn.connectionString });
 * console.log({ input: [[1, 2]], output: [3] });
 * await insights.flush();
 * const contents = standIn.items().map((item) => item.properties['Contents']);
 * await insights.close();
 * console.log(contents); // [ '{"input":[[1,2]],"output":[3]}' ]
 * await standIn.close();
 * ```
 *
 * Source: `AML_APP_INSIGHTS_ENABLED` of the reference inference server.
 */
export function startInsights(options: InsightsOptions = {}): Insights {
  return new StartedInsights(options);
}

class StartedInsights implements Insights, PrintTarget {
  readonly capturesConsole: boolean;
  readonly #items: ItemFactory;
  readonly #sender: Sender;
  readonly #forgetShutdown: () => void;
  #closing: Promise<InsightsStats> | undefined;
  #isReading = false;

  constructor(options: InsightsOptions) {
    const { clock = systemClock, captureConsole = true, context = {} } = options;
    const target = findIngestionTarget(options.connectionString);
    this.capturesConsole = captureConsole;
    this.#items = new ItemFactory(target.instrumentationKey, new ItemContext(context), () => clock.now());
    this.#sender = new Sender({
      url: target.trackUrl,
      clock,
      queue: {
        maxItems: limit('maxQueueItems', options.maxQueueItems, 10_000, 1),
        maxBytes: limit('maxQueueBytes', options.maxQueueBytes, 8 * 1024 * 1024, MAX_ITEM_BYTES),
      },
      batch: {
        maxItems: limit('maxBatchItems', options.maxBatchItems, 500, 1),
        maxBytes: limit('maxBatchBytes', options.maxBatchBytes, 1024 * 1024, MAX_ITEM_BYTES),
      },
      flushIntervalMs: limit('flushIntervalMs', options.flushIntervalMs, 1000, 0),
      requestTimeoutMs: limit('requestTimeoutMs', options.requestTimeoutMs, 30_000, 1),
      // The sink of the log may be the console: telemetry never reports on itself.
      onProblem: (problem) => silently(() => log.warning(`Telemetry: ${problem}.`)),
    });
    this.#forgetShutdown = onShutdown('telemetry', {
      close: async (abortSignal) => {
        await this.close({ abortSignal });
      },
      onExit: () => this.#sayWhatIsLost(),
    });
    addPrintTarget(this);
    updateConsoleCapture();
  }

  print(...values: readonly unknown[]): void {
    silently(() => {
      try {
        console.log(...values);
      } finally {
        this.consoleCalled('log', values);
      }
    });
  }

  consoleCalled(method: ConsoleMethod, values: readonly unknown[]): void {
    const stream = method === 'warn' || method === 'error' ? 'STDERR' : 'STDOUT';
    this.#track(() => this.#items.printed(stream, SEVERITIES[method], values));
  }

  trackTrace(trace: TraceTelemetry): void {
    this.#track(() => this.#items.trace(trace));
  }

  trackRequest(request: RequestTelemetry): void {
    this.#track(() => this.#items.request(request));
  }

  trackException(exception: ExceptionTelemetry): void {
    this.#track(() => this.#items.exception(exception));
  }

  async flush(options: WaitOptions = {}): Promise<InsightsStats> {
    const { timeoutMs = DEFAULT_FLUSH_MS, abortSignal } = options;
    abortSignal?.throwIfAborted();
    await this.#sender.flush(timeoutMs, abortSignal);
    abortSignal?.throwIfAborted();
    return this.stats();
  }

  close(options: WaitOptions = {}): Promise<InsightsStats> {
    this.#closing ??= this.#close(options);
    return this.#closing;
  }

  async #close({ timeoutMs = DEFAULT_FLUSH_MS, abortSignal }: WaitOptions): Promise<InsightsStats> {
    removePrintTarget(this);
    updateConsoleCapture();
    await this.#sender.close(timeoutMs, abortSignal);
    this.#forgetShutdown();
    return this.stats();
  }

  stats(): InsightsStats {
    return this.#sender.stats();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Reading a value may run its own code (`toJSON`, getters), and what that prints would be read again, without end. */
  #track(make: () => SerializedItem): void {
    if (this.#isReading) {
      return;
    }
    this.#isReading = true;
    try {
      const item = silently(make);
      this.#sender.send(item);
    } catch (error) {
      this.#sender.countFailed(`an item could not be made: ${errorMessage(error)}`);
    } finally {
      this.#isReading = false;
    }
  }

  #sayWhatIsLost(): void {
    const { pending } = this.stats();
    if (pending > 0) {
      log.warning(`Telemetry: ${pending} items were not sent before process.exit(). Call flush() or close() first.`);
    }
  }
}

function limit(name: string, value: number | undefined, byDefault: number, least: number): number {
  if (value === undefined) {
    return byDefault;
  }
  if (!Number.isFinite(value) || value < least) {
    throw new ValidationError({ path: name, expected: `a number of ${least} or more`, received: value });
  }
  return value;
}
