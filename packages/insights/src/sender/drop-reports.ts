import type { SerializedItem } from '../items/envelope.ts';
import type { DropCause } from './tally.ts';

/** Loss that goes on is told this often, and at a flush. */
const INTERVAL_MS = 10_000;

/** An item that tells how many were lost. @internal */
export interface DropReport {
  readonly item: SerializedItem;
  readonly cause: DropCause;
  readonly count: number;
}

/** Makes the item of a report. @internal */
export type MakeDropReport = (cause: DropCause, count: number) => SerializedItem;

/**
 * What was lost since it was last told, to be told when the service takes items again. Reports are no items of the
 * program: they are not counted, and those that are lost are made anew.
 *
 * @internal
 */
export class DropReports {
  readonly #make: MakeDropReport | undefined;
  readonly #untold = new Map<DropCause, number>();
  #isTaking = false;
  #underWay = 0;
  #notBefore = 0;

  constructor(make: MakeDropReport | undefined) {
    this.#make = make;
  }

  dropped(cause: DropCause, count: number): void {
    if (this.#make !== undefined && count > 0) {
      this.#untold.set(cause, (this.#untold.get(cause) ?? 0) + count);
    }
  }

  /** Whether the service takes items, as far as the last answer tells. */
  noteService(isTaking: boolean): void {
    this.#isTaking = isTaking;
  }

  /** Whether something is being told, or to be told to a service that takes items. */
  get isBehind(): boolean {
    return this.#underWay > 0 || (this.#isTaking && this.#untold.size > 0);
  }

  /** When there is something to tell; infinite when there is nothing, or nobody to tell it to. */
  dueAt(isUrgent: boolean): number {
    if (!this.#isTaking || this.#untold.size === 0) {
      return Number.POSITIVE_INFINITY;
    }
    return isUrgent ? 0 : this.#notBefore;
  }

  /** The reports to send now, one a cause. */
  take(now: number, isUrgent: boolean): readonly DropReport[] {
    if (this.#make === undefined || this.dueAt(isUrgent) > now) {
      return [];
    }
    const reports: DropReport[] = [];
    for (const [cause, count] of this.#untold) {
      try {
        reports.push({ item: this.#make(cause, count), cause, count });
      } catch {
        // Then it is not told; the counts stand in stats().
      }
    }
    this.#untold.clear();
    this.#notBefore = now + INTERVAL_MS;
    this.#underWay += reports.length;
    return reports;
  }

  /** Ends the way of a report. @param isBack Whether it is to be made anew. */
  settle({ cause, count }: DropReport, isBack: boolean): void {
    this.#underWay -= 1;
    if (isBack) {
      this.dropped(cause, count);
    }
  }
}
