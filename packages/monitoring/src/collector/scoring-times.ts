import { type UtcDay, utcDay } from '../format/blob-path.ts';

const DAY_MS = 86_400_000;

/** Time and day of calls as text; many calls share them, and making a text costs more than a whole call. */
export class ScoringTimes {
  #time = Number.NaN;
  #timestamp = '';
  #dayStart = Number.NaN;
  #day: UtcDay = '';

  /** ISO 8601 UTC with milliseconds. */
  timestampOf(time: number): string {
    if (time !== this.#time) {
      this.#timestamp = new Date(time).toISOString();
      this.#time = time;
    }
    return this.#timestamp;
  }

  /** UTC day. */
  dayOf(time: number): UtcDay {
    const sinceStart = time - this.#dayStart;
    if (!(sinceStart >= 0 && sinceStart < DAY_MS)) {
      this.#day = utcDay(time);
      this.#dayStart = time - (time % DAY_MS);
    }
    return this.#day;
  }
}
