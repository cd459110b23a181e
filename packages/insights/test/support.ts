import { setLogSink } from '@azureml-ts/common';
import { startTelemetryStandIn, type TelemetryStandIn } from '@azureml-ts/testing';
import { type Insights, type InsightsOptions, startInsights } from '../src/index.ts';

/** A stand-in, the telemetry that was started against it, and the log lines. */
export class Bench {
  readonly standIn: TelemetryStandIn;
  readonly log: string[] = [];
  readonly #started: Insights[] = [];
  readonly #restoreLog: () => void;

  private constructor(standIn: TelemetryStandIn) {
    this.standIn = standIn;
    this.#restoreLog = setLogSink((line) => this.log.push(line));
  }

  static async open(): Promise<Bench> {
    return new Bench(await startTelemetryStandIn());
  }

  /** Without console capture, unless asked for. */
  start(options: InsightsOptions = {}): Insights {
    const insights = startInsights({
      connectionString: this.standIn.connectionString,
      captureConsole: false,
      context: { serviceName: 'my-svc', workspaceName: 'my-ws', containerId: 'cont-1' },
      ...options,
    });
    this.#started.push(insights);
    return insights;
  }

  async close(): Promise<void> {
    for (const insights of this.#started) {
      await insights.close({ timeoutMs: 1000 });
    }
    await this.standIn.close();
    this.#restoreLog();
  }
}

/** Checks what must always hold, and gives the counts. */
export function balanced(insights: Insights) {
  const stats = insights.stats();
  const { queueFull, rejected, failed } = stats.dropped;
  const { sent, pending, spooled, sampledOut } = stats;
  expect(sent + pending + spooled + sampledOut + queueFull + rejected + failed).toBe(stats.tracked);
  return stats;
}
