import type { TelemetryItem } from '../items/envelope.ts';
import type { SenderStats } from '../sender/tally.ts';

/** What takes the items of started telemetry. Nothing here throws, and nothing keeps the process alive. @internal */
export interface TelemetryChannel {
  /** Takes an item, or counts it as dropped. */
  send(item: TelemetryItem): void;
  /** Counts an item that could not be made. */
  countFailed(problem: string): void;
  /** What became of the items so far. */
  stats(): SenderStats;
  /** Sends what waits now, until all of it is settled, `timeoutMs` passed, or the signal fires. Never rejects. */
  flush(timeoutMs: number, abortSignal: AbortSignal | undefined): Promise<void>;
  /** Flushes, then keeps the rest on disk or gives it up. Never rejects. */
  close(timeoutMs: number, abortSignal: AbortSignal | undefined): Promise<void>;
  /** Before {@link close}: what comes from then on is kept for {@link sendAtOnce} or {@link saveAtExit}, where that is possible. */
  takeLastCalls(): void;
  /** Right before the process dies: sends what waits, standing still for at most so long. */
  sendAtOnce(timeoutMs: number): void;
  /** At the very end of the process, when nothing asynchronous runs any more: keeps on disk what waits, if it may. */
  saveAtExit(): void;
}
