import type { TelemetryItem } from '../items/envelope.ts';
import type { SenderStats } from '../sender/tally.ts';
import type { TelemetryChannel } from './channel.ts';
import { startedPackage } from './detect-package.ts';
import { addStats } from './package-channel.ts';

/**
 * Sends directly until the application has started the package `applicationinsights`, and hands items to it from then
 * on: whichever of the two is started first, nothing is sent twice.
 *
 * @internal
 */
export class SwitchingChannel implements TelemetryChannel {
  readonly #direct: TelemetryChannel;
  readonly #openPackage: () => TelemetryChannel;
  #package: TelemetryChannel | undefined;
  #isClosed = false;

  constructor(direct: TelemetryChannel, openPackage: () => TelemetryChannel) {
    this.#direct = direct;
    this.#openPackage = openPackage;
  }

  send(item: TelemetryItem): void {
    if (this.#package === undefined && !this.#isClosed && startedPackage() !== undefined) {
      this.#package = this.#openPackage();
    }
    (this.#package ?? this.#direct).send(item);
  }

  countFailed(problem: string): void {
    this.#direct.countFailed(problem);
  }

  stats(): SenderStats {
    return addStats(this.#direct.stats(), this.#package?.stats());
  }

  async flush(timeoutMs: number, abortSignal: AbortSignal | undefined): Promise<void> {
    await Promise.all([this.#direct.flush(timeoutMs, abortSignal), this.#package?.flush(timeoutMs, abortSignal)]);
  }

  async close(timeoutMs: number, abortSignal: AbortSignal | undefined): Promise<void> {
    this.#isClosed = true;
    await Promise.all([this.#direct.close(timeoutMs, abortSignal), this.#package?.close(timeoutMs, abortSignal)]);
  }

  takeLastCalls(): void {
    this.#direct.takeLastCalls();
    this.#package?.takeLastCalls();
  }

  sendAtOnce(timeoutMs: number): void {
    this.#direct.sendAtOnce(timeoutMs);
    this.#package?.sendAtOnce(timeoutMs);
  }

  saveAtExit(): void {
    this.#direct.saveAtExit();
    this.#package?.saveAtExit();
  }
}
