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
/** Longest time that the end of the process is put off for sending, all in all. */
const AT_EXIT_MS = 2_000;
const log = createLogger('insights');

/** Started telemetry; see `startInsights`. @internal */
export class StartedInsights implements Insights, PrintTarget, UncaughtTarget, DependencyTarget {
  readonly capturesConsole: boolean;
  readonly capturesStreams: boolean;
  readonly capturesUncaught: boolean;
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
  /** Whether lines are still taken after the end of the process has closed telemetry: listeners to `exit` print, too. */
  #isLastCall = false;
  /** Until when the process may stand still for sending, once it ends. */
  #stillUntil: number | undefined;
  #saidLost = 0;

  constructor(options: InsightsOptions) {
    const { clock = systemClock, captureConsole = true, captureStdout = false, context = {}, spill } = options;
    this.#sampler = createSampler(options.samplingRate);
    const { sender, target } = runOwnWork(() =>
      openSender(options, { clock, onProblem: sayProblem, makeDropReport: this.#lossItem }),
    );
    const onProblem = (problem: string) => this.#problem(problem);
    this.capturesConsole = captureConsole;
    this.capturesStreams = captureStdout;
    this.capturesUncaught = options.captureUncaught ?? true;
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
    this.#stopCalls = capturesCalls
      ? captureDependencies(this, { ...options, telemetryHost: target.trackUrl.host })
      : () => undefined;
    this.#stops = this.#start();
  }

  #start(): (() => void)[] {
    addPrintTarget(this);
    updateConsoleCapture();
    updateStreamCapture();
    return [
      watchUncaught(this),
      onShutdown('telemetry', {
        close: async (abortSignal) => {
          await this.#closeForEnd(abortSignal);
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
    const isTaken = this.#intake.take(() => {
      const usual = this.#items.usual(request);
      return usual && this.#items.usualItems(usual, this.#recordsBodies);
    });
    if (isTaken) {
      return;
    }
    let call: Call | undefined;
    this.#intake.track(() => {
      call = this.#items.callOf(request);
      return this.#items.request(call, request);
    });
    const made = call;
    if (made !== undefined && this.#recordsBodies && hasBodies(request)) {
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
    if (!this.#isReported(exception)) {
      this.#intake.track(() => this.#items.exception(exception));
    }
  }

  #isReported(exception: ExceptionTelemetry): boolean {
    try {
      return this.#uncaught.has(exception.error);
    } catch {
      // It is counted as an item that could not be made.
      return false;
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

  async close(options: WaitOptions = {}): Promise<InsightsStats> {
    this.#closing ??= this.#close(options);
    const stats = await this.#closing;
    if (!this.#isLastCall) {
      this.#stop();
      return stats;
    }
    this.#isLastCall = false;
    this.#giveBackConsole();
    // What came after the end began is sent at the exit.
    if (this.stats().pending === 0) {
      this.#stop();
    }
    return this.stats();
  }

  async #close({ timeoutMs = DEFAULT_FLUSH_MS, abortSignal }: WaitOptions): Promise<InsightsStats> {
    this.#endLines();
    // Calls that are answered are still reported.
    this.#stopCalls();
    this.#giveBackConsole();
    await this.#intake.close(timeoutMs, abortSignal);
    return this.stats();
  }

  /** What is printed up to the very end of the process is still taken, and sent at its exit. */
  async #closeForEnd(abortSignal: AbortSignal): Promise<void> {
    if (this.#closing !== undefined) {
      await this.close();
      return;
    }
    this.#isLastCall = true;
    this.#intake.takeLastCalls();
    this.#closing = this.#close({ abortSignal });
    await this.#closing;
  }

  #giveBackConsole(): void {
    if (!this.#isLastCall) {
      removePrintTarget(this);
      updateConsoleCapture();
      updateStreamCapture();
    }
  }

  #stop(): void {
    for (const stop of this.#stops) {
      stop();
    }
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

  /** All listeners to the exit have run, and some have printed. */
  exited(): void {
    try {
      this.#atExit();
    } catch {
      // The end of the process stays as it is.
    }
  }

  /** Twice: before the process's own listeners to the exit, which may end it at once, and after them. */
  #atExit(): void {
    this.#endLines();
    if (this.stats().pending > 0) {
      this.#stillUntil ??= performance.now() + AT_EXIT_MS;
      this.#intake.sendAtOnce(Math.max(0, this.#stillUntil - performance.now()));
    }
    this.#intake.saveAtExit();
    const { pending } = this.stats();
    if (pending > this.#saidLost) {
      this.#saidLost = pending;
      log.warning(`Telemetry: ${pending} items were not sent before the process ended. Call flush() or close() first.`);
    }
  }
}

function hasBodies(request: RequestTelemetry): boolean {
  try {
    return (request.input ?? request.output) !== undefined;
  } catch {
    // It is counted as an item that could not be made.
    return true;
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
