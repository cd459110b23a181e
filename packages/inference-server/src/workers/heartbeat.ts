/** Longest time between two beats, in milliseconds. */
const MAX_BEAT_MS = 5_000;

/** Beats within the limit: a single one that comes late must not count as silence. */
const BEATS_PER_LIMIT = 5;

/**
 * Time between two beats of a worker, in milliseconds.
 *
 * @param limitMs Longest silence; 0 for no limit, and no beats.
 */
export function beatInterval(limitMs: number): number {
  return limitMs === 0 ? 0 : Math.max(10, Math.min(MAX_BEAT_MS, Math.floor(limitMs / BEATS_PER_LIMIT)));
}

/**
 * Notices when a worker's beats stay away. Counts its own turns and reads no clock: when the whole machine stood still, as
 * a paused container does, the primary has stood still as well and has counted nothing.
 */
export class BeatMonitor {
  readonly #limitBeats: number;
  readonly #onSilence: () => void;
  readonly #timer: NodeJS.Timeout | undefined;
  #missed = 0;

  /**
   * @param limitMs Longest silence in milliseconds; 0 for no limit.
   * @param onSilence Called once.
   */
  constructor(limitMs: number, onSilence: () => void) {
    const beatMs = beatInterval(limitMs);
    this.#limitBeats = beatMs === 0 ? Number.POSITIVE_INFINITY : Math.ceil(limitMs / beatMs);
    this.#onSilence = onSilence;
    this.#timer = beatMs === 0 ? undefined : setInterval(() => this.#turn(), beatMs);
    this.#timer?.unref();
  }

  /** A beat has come. */
  beat(): void {
    this.#missed = 0;
  }

  /** Watches no more. */
  end(): void {
    clearInterval(this.#timer);
  }

  #turn(): void {
    this.#missed += 1;
    // One more than the limit holds: the first turn may follow right after a beat.
    if (this.#missed > this.#limitBeats) {
      this.end();
      this.#onSilence();
    }
  }
}
