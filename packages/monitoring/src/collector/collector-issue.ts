/** Trouble that a collector tells of through `onError` and its log. */
export interface CollectorIssue {
  /** Stable name of the cause: `INVALID_ROWS`, `BUFFER_FULL`, `NOT_CONFIGURED`, `LEDGER_FAILED`, one of `JOURNAL_...`,
   * or what the storage answered. */
  readonly code: string;
  /** What happened, and what to do, without secrets. */
  readonly message: string;
  /** The error behind it, when there is one. */
  readonly error?: unknown;
}

/** A cause that was gone and is back is told again, but not more often than this, in milliseconds. */
const AGAIN_AFTER_MS = 60_000;

/** Causes that working storage says nothing about. */
const LASTING = new Set(['INVALID_ROWS', 'NOT_CONFIGURED', 'SETTING_IGNORED', 'REDACT_KEY_MISSING']);

/** Tells each cause once, and again after it was gone for a while. */
export class IssueReporter {
  readonly #told = new Map<string, { at: number; isGone: boolean }>();
  readonly #report: (issue: CollectorIssue) => void;
  readonly #now: () => number;

  /**
   * @param report Gets the issues that are news.
   * @param now Milliseconds since 1970.
   */
  constructor(report: (issue: CollectorIssue) => void, now: () => number) {
    this.#report = report;
    this.#now = now;
  }

  /** Whether this cause would be news. */
  isNews(code: string): boolean {
    const told = this.#told.get(code);
    return told === undefined || (told.isGone && this.#now() - told.at >= AGAIN_AFTER_MS);
  }

  /** Tells of an issue, unless its cause is known already. */
  tell(issue: CollectorIssue): void {
    if (this.isNews(issue.code)) {
      this.#told.set(issue.code, { at: this.#now(), isGone: false });
      this.#report(issue);
    }
  }

  /** Says that storing works (again): a later fault of it is news. */
  storageWorks(): void {
    for (const [code, told] of this.#told) {
      told.isGone ||= !LASTING.has(code);
    }
  }
}
