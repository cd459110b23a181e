/** Trouble that a collector tells of through `onError` and its log. */
export interface CollectorIssue {
  /** Stable name of the cause: `INVALID_ROWS`, `BUFFER_FULL`, `NOT_CONFIGURED`, or what the storage answered. */
  readonly code: string;
  /** What happened, and what to do, without secrets. */
  readonly message: string;
  /** The error behind it, when there is one. */
  readonly error?: unknown;
}

/** Tells each cause once, and again after it was gone. */
export class IssueReporter {
  readonly #known = new Set<string>();
  readonly #report: (issue: CollectorIssue) => void;

  /** @param report Gets the issues that are new. */
  constructor(report: (issue: CollectorIssue) => void) {
    this.#report = report;
  }

  /** Tells of an issue, unless its cause is known already. */
  tell(issue: CollectorIssue): void {
    if (!this.#known.has(issue.code)) {
      this.#known.add(issue.code);
      this.#report(issue);
    }
  }

  /** Says that storing works (again): a later fault of it is news. */
  storageWorks(): void {
    for (const code of this.#known) {
      if (code !== 'INVALID_ROWS' && code !== 'NOT_CONFIGURED') {
        this.#known.delete(code);
      }
    }
  }
}
