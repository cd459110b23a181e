import { createLogger, onShutdown, systemClock, type WaitOptions } from '@azureml-ts/common';
import { updateConsoleCapture } from './console/capture.ts';
import { CONSOLE_LEVELS, STREAM_LEVELS } from './console/levels.ts';
import {
  addPrintTarget,
  type ConsoleCall,
  type PrintTarget,
  removePrintTarget,
  type StandardStream,
  silently,
} from './console/registry.ts';
import { endOpenLines, updateStreamCapture } from './console/streams.ts';
import { ItemContext, type RequestReference } from './context.ts';
import { captureDependencies } from './dependencies/capture-dependencies.ts';
import type { DependencyTarget } from './dependencies/target.ts';
import { Intake } from './intake.ts';
import type { Call } from './items/calls.ts';
import type { SerializedItem } from './items/envelope.ts';
import { ItemFactory } from './items/item-factory.ts';
import { Redaction } from './items/redaction.ts';
import { runOwnWork } from './own-work.ts';
import { createSampler, type Sampler } from './sampling.ts';
import { openSender } from './sender/open-sender.ts';
import { Spiller } from './spill/spiller.ts';
import type {
  DependencyTelemetry,
  ExceptionTelemetry,
  Insights,
  InsightsOptions,
  InsightsStats,
  MetricTelemetry,
  RequestTelemetry,
  TraceTelemetry,
} from './types.ts';
import { UncaughtErrors } from './uncaught/uncaught-errors.ts';
import { type UncaughtOrigin, type UncaughtTarget, watchUncaught } from './uncaught/watch-uncaught.ts';

const DEFAULT_FLUSH_MS = 5_000;
const log = createLogger('insights');

/** Started telemetry; see `startInsights`. @internal */
export class StartedInsights implements Insights, PrintTarget, UncaughtTarget, DependencyTarget {
  readonly capturesConsole: boolean;
  readonly capturesStreams: boolean;
  readonly #sampler: Sampler;
  readonly #items: ItemFactory;
  readonly #intake: Intake;
  readonly #redaction: Redaction;
  readonly #recordsBodies: boolean;
  readonly #uncaught = new UncaughtErrors();
  readonly #problems = new Set<string>();
  readonly #stopCalls: () => void;
  readonly #stops: (() => void)[];
  #lastProblem: string | undefined;
  #closing: Promise<InsightsStats> | undefined;

  constructor(options: InsightsOptions) {
    const { clock = systemClock, captureConsole = true, captureStdout = false, context = {}, spill } = options;
    this.#sampler = createSampler(options.samplingRate);
    const { sender, target } = runOwnWork(() =>
      openSender(options, { clock, onProblem: sayProblem, makeDropReport: this.#lossItem }),
    );
    const onProblem = (problem: string) => this.#problem(problem);
    this.capturesConsole = captureConsole;
    this.capturesStreams = captureStdout;
    this.#recordsBodies = options.recordBodies ?? bodiesByDefault();
    this.#intake = new Intake({ channel: sender, spiller: new Spiller({ clock, onProblem }), store: spill });
    this.#redaction = new Redaction(options.redact, onProblem);
    this.#items = new ItemFactory({
      instrumentationKey: target.instrumentationKey,
      context: new ItemContext(context),
      sampler: this.#sampler,
      redaction: this.#redaction,
      now: () => clock.now(),
    });
    const { captureDependencies: capturesCalls = true } = options;
    this.#stopCalls = capturesCalls ? captureDependencies(this, options) : () => undefined;
    this.#stops = this.#start(options);
  }

  #start({ captureUncaught = true }: InsightsOptions): (() => void)[] {
    addPrintTarget(this);
    updateConsoleCapture();
    updateStreamCapture();
    return [
      ...(captureUncaught ? [watchUncaught(this)] : []),
      onShutdown('telemetry', {
        close: async (abortSignal) => {
          await this.close({ abortSignal });
        },
        onExit: () => this.#atExit(),
      }),
    ];
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

  consoleCalled(call: ConsoleCall, values: readonly unknown[]): void {
    this.#intake.track(() => this.#items.printed({ ...CONSOLE_LEVELS[call], values }));
  }

  lineWritten(stream: StandardStream, line: string, reference: RequestReference | undefined): void {
    this.#intake.track(() => this.#items.printed({ ...STREAM_LEVELS[stream], values: [line], request: { reference } }));
  }

  trackTrace(trace: TraceTelemetry): void {
    this.#intake.track(() => this.#items.trace(trace));
  }

  trackRequest(request: RequestTelemetry): void {
    let call: Call | undefined;
    this.#intake.track(() => {
      call = this.#items.callOf(request);
      return this.#items.request(call, request);
    });
    const made = call;
    if (made !== undefined && this.#recordsBodies && (request.input ?? request.output) !== undefined) {
      this.#intake.track(() => this.#items.bodies(made, request));
    }
  }

  trackDependency(dependency: DependencyTelemetry): void {
    this.#intake.track(() => this.#items.dependency(dependency));
  }

  isSampled(operationId: string): boolean {
    return this.#sampler.keeps(operationId);
  }

  trackMetric(metric: MetricTelemetry): void {
    this.#intake.track(() => this.#items.metric(metric));
  }

  trackException(exception: ExceptionTelemetry): void {
    if (!this.#uncaught.has(exception.error)) {
      this.#intake.track(() => this.#items.exception(exception));
    }
  }

  uncaught(error: unknown, origin: UncaughtOrigin): void {
    if (this.#uncaught.notes(error)) {
      this.#intake.track(() => this.#items.exception({ error, severity: 'Critical', properties: { origin } }));
    }
  }

  async flush(options: WaitOptions = {}): Promise<InsightsStats> {
    const { timeoutMs = DEFAULT_FLUSH_MS, abortSignal } = options;
    abortSignal?.throwIfAborted();
    await this.#intake.flush(timeoutMs, abortSignal);
    abortSignal?.throwIfAborted();
    return this.stats();
  }

  close(options: WaitOptions = {}): Promise<InsightsStats> {
    this.#closing ??= this.#close(options);
    return this.#closing;
  }

  async #close({ timeoutMs = DEFAULT_FLUSH_MS, abortSignal }: WaitOptions): Promise<InsightsStats> {
    this.#endLines();
    // Calls that are answered are still reported.
    this.#stopCalls();
    removePrintTarget(this);
    updateConsoleCapture();
    updateStreamCapture();
    await this.#intake.close(timeoutMs, abortSignal);
    for (const stop of this.#stops) {
      stop();
    }
    return this.stats();
  }

  stats(): InsightsStats {
    const stats = this.#intake.stats();
    return {
      ...stats,
      redactFailed: this.#redaction.failed,
      lastError: stats.lastError ?? this.#lastProblem,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  readonly #lossItem = (cause: string, value: number): SerializedItem =>
    this.#items.metric({ name: 'Telemetry items lost', value, properties: { cause } }).serialize();

  #problem(problem: string): void {
    this.#lastProblem = problem;
    // Each kind once: its end tells of one case.
    const kind = problem.replace(/:.*/s, '');
    if (!this.#problems.has(kind)) {
      this.#problems.add(kind);
      sayProblem(problem);
    }
  }

  #endLines(): void {
    if (this.capturesStreams) {
      endOpenLines();
    }
  }

  #atExit(): void {
    // After an error that nobody caught, or that a handler ended the process for, nobody could have closed telemetry.
    if (this.#uncaught.isRecent) {
      this.#endLines();
      this.#intake.sendAtOnce();
    }
    this.#intake.saveAtExit();
    const { pending } = this.stats();
    if (pending > 0) {
      log.warning(`Telemetry: ${pending} items were not sent before the process ended. Call flush() or close() first.`);
    }
  }
}

/** The sink of the log may be the console: telemetry never reports on itself. */
function sayProblem(problem: string): void {
  silently(() => log.warning(`Telemetry: ${problem}.`));
}

/** Source: the reference inference server. */
function bodiesByDefault(): boolean {
  return process.env['APP_INSIGHTS_LOG_RESPONSE_ENABLED']?.trim().toLowerCase() !== 'false';
}
