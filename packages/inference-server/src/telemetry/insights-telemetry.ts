import { errorMessage, recordRequestException } from '@azureml-ts/common';
import type { Insights } from '@azureml-ts/insights';
import type { ServerLog } from '../log/server-log.ts';
import type { RequestRecord, Telemetry } from './telemetry.ts';

/** Reports to Application Insights. */
export class InsightsTelemetry implements Telemetry {
  readonly isOn = true;
  readonly #insights: Insights;
  readonly #log: ServerLog;
  #hasWarned = false;

  /**
   * @param insights Sends the items.
   * @param log Gets one line when reporting fails.
   */
  constructor(insights: Insights, log: ServerLog) {
    this.#insights = insights;
    this.#log = log;
  }

  request(record: RequestRecord): void {
    this.#safely(() => this.#insights.trackRequest(record));
  }

  exception(error: unknown): void {
    recordRequestException(error);
    this.#safely(() => this.#insights.trackException({ error }));
  }

  async close(timeoutMs: number): Promise<void> {
    try {
      await this.#insights.close({ timeoutMs });
    } catch (error) {
      this.#warn(error);
    }
  }

  #safely(report: () => void): void {
    try {
      report();
    } catch (error) {
      this.#warn(error);
    }
  }

  #warn(error: unknown): void {
    if (!this.#hasWarned) {
      this.#hasWarned = true;
      this.#log.line('W', `Telemetry fails; scoring goes on: ${errorMessage(error)}`);
    }
  }
}
