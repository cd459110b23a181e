import { overlapEnds } from './log-overlap.ts';
import type { LogPage } from './log-page.ts';

/** The line that marks a place where lines may be missing. */
export const LOG_GAP = '[azureml-ts] lines may be missing here';

/** Numbers of lines that a {@link LogMemory} works with. */
export interface LogLimits {
  /** Most that are read at once, and kept. */
  readonly most: number;
  /** So many equal lines leave no doubt that the log goes on there. */
  readonly sure: number;
}

/**
 * What was seen of a log, to tell what is new in the next look at its end.
 *
 * No line comes twice: where the log may go on in several places, the one with the fewest new lines is taken. Where lines
 * may have been lost, {@link LOG_GAP} comes in their place. It does not come again while new lines cannot be told from old
 * ones.
 *
 * What cannot be told: a log that began anew with the very lines of before, and now has more, is one that has grown.
 */
export class LogMemory {
  readonly #limits: LogLimits;
  #preamble: ReadonlySet<string> = new Set();
  /** Its last complete lines. */
  #seen: readonly string[] = [];
  /** How many complete lines it has in all, when they were read in all. */
  #total: number | undefined;
  /** The line that is being written. */
  #partial = '';
  #isPartialTold = false;
  /** Whether it was told that new lines cannot be counted, because they are as the ones before. */
  #isUncounted = false;

  constructor(limits: LogLimits) {
    this.#limits = limits;
  }

  /** Takes the first look; returns the last `numLines` lines. */
  begin(page: LogPage, numLines: number): string[] {
    this.#preamble = new Set(page.preamble);
    this.#keep(page, false);
    return numLines === 0 ? [] : [...page.preamble, ...page.lines.slice(-numLines)];
  }

  /**
   * Takes the next look.
   *
   * @param page What was read.
   * @param canReadMore Whether more lines could be read.
   * @returns The new lines; `undefined` when it takes more lines to tell them, and more can be read.
   */
  next(page: LogPage, canReadMore: boolean): string[] | undefined {
    if (page.lines.length === 0 && page.partial === '' && this.#seen.length > 0) {
      // A log that is away for a moment. If it has begun anew, the next look shows it.
      return this.#newsOf(page);
    }
    const ends = this.#ends(page);
    const [end] = ends;
    const isSure = end !== undefined && this.#isSure(page, end);
    if (!page.isWhole && canReadMore && !(isSure && ends.length === 1)) {
      return undefined;
    }
    const news = this.#newsOf(page);
    // Another place that is as good. A whole log has no more old lines than it had: there the last place is the one.
    const isUncounted =
      ends.slice(1).some((other) => this.#isSure(page, other)) && !(page.isWhole && this.#total !== undefined);
    const isGap = !isSure || (isUncounted && !this.#isUncounted);
    this.#isUncounted = isUncounted;
    news.push(...(end === undefined ? this.#beginAnew(page) : this.#goOn(page, end, isGap)));
    return news;
  }

  /** Takes the end of all looks; returns the line that was being written. */
  end(): string[] {
    const isTold = this.#partial === '' || this.#isPartialTold;
    this.#isPartialTold = true;
    return isTold ? [] : [this.#partial];
  }

  /** Where the new lines may begin in a page, the last first. A log has no more old lines than it had. */
  #ends({ lines, partial }: LogPage): number[] {
    const total = this.#total ?? Number.POSITIVE_INFINITY;
    return (this.#seen.length === 0 ? [0] : overlapEnds(this.#seen, lines)).filter(
      (end) => end <= total && (lines[end] ?? partial).startsWith(this.#partial),
    );
  }

  /** Whether it is the same log that goes on there, and not one that is like it by chance. */
  #isSure({ isWhole }: LogPage, end: number): boolean {
    return this.#seen.length === 0 ? isWhole : end >= Math.min(this.#seen.length, this.#limits.sure);
  }

  #goOn(page: LogPage, end: number, isGap: boolean): string[] {
    const added = page.lines.slice(end);
    const told = isGap ? [LOG_GAP] : [];
    const isCompleted = this.#isPartialTold && added[0] === this.#partial;
    told.push(...(isCompleted ? added.slice(1) : added));
    const hasSettled = added.length === 0 && page.partial === this.#partial;
    if (hasSettled && page.partial !== '' && !this.#isPartialTold) {
      // Some services leave out the last line end: a line that has not grown between two looks is taken as complete.
      told.push(page.partial);
    }
    const seen = page.isWhole || end >= this.#seen.length ? page.lines : [...this.#seen, ...added];
    this.#keep({ ...page, lines: seen }, hasSettled && page.partial !== '');
    return told;
  }

  #beginAnew(page: LogPage): string[] {
    const told = [...this.end(), LOG_GAP, ...page.lines];
    this.#keep(page, false);
    return told;
  }

  #keep({ lines, partial, isWhole }: LogPage, isPartialTold: boolean): void {
    this.#seen = lines.slice(-this.#limits.most);
    this.#total = isWhole && lines.length <= this.#limits.most ? lines.length : undefined;
    this.#partial = partial;
    this.#isPartialTold = isPartialTold;
  }

  /** What is new in the description of the instance. */
  #newsOf({ preamble }: LogPage): string[] {
    const news = preamble.filter((line) => !this.#preamble.has(line));
    if (preamble.length > 0) {
      this.#preamble = new Set(preamble);
    }
    return news;
  }
}
