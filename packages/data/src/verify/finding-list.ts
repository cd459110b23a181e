import type { Finding } from './finding.ts';

const MAX_FINDINGS = 10_000;

/** Keeps what is found, and counts what is beyond. */
export class FindingList {
  readonly #isStrict: boolean;
  readonly #findings: Finding[] = [];
  errors = 0;
  warnings = 0;

  /** @param isStrict Whether every finding is an error. */
  constructor(isStrict: boolean) {
    this.#isStrict = isStrict;
  }

  /** Findings that are not kept. */
  get more(): number {
    return this.errors + this.warnings - this.#findings.length;
  }

  /** Adds a finding. */
  add(finding: Finding): void {
    const severity = this.#isStrict ? 'error' : finding.severity;
    this.errors += severity === 'error' ? 1 : 0;
    this.warnings += severity === 'warning' ? 1 : 0;
    if (this.#findings.length < MAX_FINDINGS) {
      this.#findings.push({ ...finding, severity });
    }
  }

  /** All that are kept: by day, then by severity, code, writer and path. */
  sorted(): Finding[] {
    const keyOf = ({ day = '', severity, code, designation, modelVersion, writer = '', path = '' }: Finding) =>
      [day, severity, code, designation, modelVersion, writer, path].join('\u0000');
    return this.#findings
      .map((finding) => [keyOf(finding), finding] as const)
      .sort(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0))
      .map(([, finding]) => finding);
  }
}
