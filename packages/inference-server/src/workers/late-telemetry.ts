import type { ServerLog } from '../log/server-log.ts';
import { openTelemetry } from '../telemetry/open-telemetry.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';

/** Telemetry that is opened with the first failure: a primary whose workers are well never loads it. */
export class LateTelemetry {
  readonly #log: ServerLog;
  #telemetry: Promise<Telemetry> | undefined;

  /** @param log Gets one line when telemetry cannot be used. */
  constructor(log: ServerLog) {
    this.#log = log;
  }

  /** Reports a failure. Never throws. */
  exception(error: unknown): void {
    this.#telemetry ??= openTelemetry(this.#log);
    void this.#telemetry.then((telemetry) => telemetry.exception(error)).catch(() => undefined);
  }

  /** Resolves once everything that was reported so far is in the hands of the shutdown order. */
  async opened(): Promise<void> {
    await this.#telemetry?.catch(() => undefined);
  }
}
